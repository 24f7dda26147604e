"""Grave acts: whoever does one has shown their password lately, so that a page that was left open or a stolen access token does not suffice."""

from datetime import timedelta
from typing import Any

from fastapi import Depends, Request

from api.auth.authenticator import known_of
from api.http.pace import Kind
from api.http.principal import Permission, Principal
from api.http.refusals import NotAllowed


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
        who = await super().__call__(request)
        state = request.app.state.service
        within, confirmed_at = timedelta(minutes=state.settings.confirm_minutes), known_of(request).confirmed_at
        if confirmed_at is None or state.clock.now() - confirmed_at > within:
            minutes = state.settings.confirm_minutes
            said = f"this needs your password, shown within the last {minutes} minutes: send it to POST /v1/me/confirm, then repeat with the token it answers"
            raise ConfirmationNeeded(said, confirm_at="/v1/me/confirm", within_minutes=minutes)
        return who


def RequireConfirmed(permission: str, kind: Kind | None = None) -> Any:
    """Return the marker of a signature that asks for a permission and for a password that was shown lately; `kind` is which pace counts."""
    return Depends(GravePermission(permission, kind))
