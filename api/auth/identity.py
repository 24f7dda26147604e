"""The parts of identity that the service holds, opened together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.auth.authenticator import CHANNEL, Authenticator
from api.auth.keys import SigningKeys
from api.auth.passwords import Passwords
from api.auth.signing_in import SigningIn
from api.auth.tickets import SocketTickets
from infra.cache import Cache
from infra.database import Database
from infra.errors import Invalid, Unavailable
from infra.events import EventBus
from infra.keyring import ensure_keys
from infra.settings import Settings


@dataclass(frozen=True)
class Identity:
    """Who may enter: keys, signing in, and whoever is known."""

    keys: SigningKeys
    signing_in: SigningIn
    authenticator: Authenticator
    tickets: SocketTickets


def signing_keys(settings: Settings) -> SigningKeys:
    """Return the home's keys; what seals them is made the first time."""
    given = settings.identity_keys
    secrets = tuple(given.get_secret_value().split(",")) if given is not None else ensure_keys(settings.home / "identity.keys")
    return SigningKeys(settings.home / "identity", secrets)


@asynccontextmanager
async def open_identity(settings: Settings, studio: Database, passwords: Passwords | None = None, cache: Cache | None = None) -> AsyncIterator[Identity]:
    """Open the parts over the studio's own database role; `passwords` with other costs is for tests. With `cache` whom sessions speak for is kept."""
    if settings.database_url is None:
        raise Invalid("DATABASE_URL: identity needs the address of a running stack's database")
    keys = signing_keys(settings)
    async with EventBus(settings.database_url, CHANNEL) as ear:
        yield Identity(keys, SigningIn(studio, keys, passwords or Passwords()), Authenticator(studio, keys, ear, cache=cache), SocketTickets(studio))


async def identity_of(request: Request) -> Identity:
    """Return the parts of the application that serves this request."""
    found: Identity | None = request.app.state.identity
    if found is None:
        raise Unavailable("this service was opened without identity; nobody can sign in")
    return found


IdentityParts = Annotated[Identity, Depends(identity_of)]
