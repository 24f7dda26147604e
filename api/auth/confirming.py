"""Grave acts: whoever does one has shown their password lately, so that a page that was left open or a stolen access token does not suffice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from fastapi import Depends, Request

from api.auth.authenticator import known_of
from api.http.pace import Kind
from api.http.principal import Permission, Principal
from api.http.refusals import NotAllowed
from infra.settings import Settings


class ConfirmationNeeded(NotAllowed):
    """The act is grave and the password was not shown lately: show it at `POST /v1/me/confirm` and do it again."""

    code = "confirmation_needed"


class PasswordWrong(NotAllowed):
    """What was given to confirm is not the password of the account."""

    code = "password_wrong"


class GravePermission(Permission):
    """A permission for which the password must have been shown within `YTEMPIRE_CONFIRM_MINUTES`."""

    confirmed = True

    async def __call__(self, request: Request) -> Principal:
        """Return who asks; raises Unauthenticated, NotAllowed or ConfirmationNeeded."""
        who = _looked_up(request, await super().__call__(request))
        ensure_confirmed(who, request.app.state.service.settings, "this")
        return who


class SometimesGravePermission(Permission):
    """A permission of which some uses are grave: the route says which, by `ensure_confirmed`."""

    async def __call__(self, request: Request) -> Principal:
        """Return who asks, and whether they showed their password lately; raises Unauthenticated or NotAllowed."""
        return _looked_up(request, await super().__call__(request))


def ensure_confirmed(who: Principal, settings: Settings, what: str) -> None:
    """Raise ConfirmationNeeded unless whoever does this showed their password lately, and NotAllowed for a program, which has none."""
    if who.via == "token":
        raise NotAllowed(f"{what} needs the password of a signed-in person, which no program's token stands for; do it in the console")
    if not who.confirmed:
        minutes = settings.confirm_minutes
        said = f"{what} needs your password, shown within the last {minutes} minutes: send it to POST /v1/me/confirm, then repeat with the token it answers"
        raise ConfirmationNeeded(said, confirm_at="/v1/me/confirm", within_minutes=minutes)


def _looked_up(request: Request, who: Principal) -> Principal:
    state = request.app.state.service
    within, confirmed_at = timedelta(minutes=state.settings.confirm_minutes), known_of(request).confirmed_at
    return replace(who, confirmed=confirmed_at is not None and state.clock.now() - confirmed_at <= within)


def RequireConfirmed(permission: str, kind: Kind | None = None) -> Any:
    """Return the marker of a signature that asks for a permission and for a password that was shown lately; `kind` is which pace counts."""
    return Depends(GravePermission(permission, kind))


def RequireSometimesConfirmed(permission: str, kind: Kind | None = None) -> Any:
    """Return the marker of a signature that asks for a permission and looks up whether the password was shown lately, for those uses that are grave."""
    return Depends(SometimesGravePermission(permission, kind))
