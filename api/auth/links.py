"""One-time links by which people come in; light, since the stack's own process makes the first one and serves no HTTP."""

import secrets
from datetime import timedelta

from infra.database import UnitOfWork
from memory.records.users import UserRecord
from memory.repositories.users import SignInRepository

SETUP, WELCOME = "/setup", "/welcome"
LINK_VALID = timedelta(hours=24)


def make_link(session: UnitOfWork, by: str, user: UserRecord | None = None) -> str:
    """Return the secret of a new link that sets a user's password; without a user, of one that makes the first admin."""
    secret = secrets.token_urlsafe(32)
    SignInRepository(session).make_link(secret, by, LINK_VALID, user)
    return secret


def link_at(address: str, secret: str, *, first: bool = False) -> str:
    """Return the link that a person opens. The secret stands where a browser sends it to no server and no log."""
    return f"{address}{SETUP if first else WELCOME}#{secret}"
