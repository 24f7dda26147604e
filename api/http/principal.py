"""Who asks, and what they may: every route names its permission, or says that it is public."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Depends, Request

from api.http.refusals import NotAllowed

Via = Literal["session", "token"]


@dataclass(frozen=True)
class Principal:
    """Whoever asks: a person who signed in (`session`) or a program with a token of theirs (`token`).

    `scopes` are the permissions that count for this request (`noun:verb`): those of the role, and for a token only the ones it was given.
    """

    user_id: str
    tenant_id: str
    role: str
    scopes: frozenset[str]
    via: Via

    def ensure_may(self, permission: str) -> None:
        """Raise NotAllowed when the permission is missing."""
        if permission not in self.scopes:
            has = "the token was not given it" if self.via == "token" else f"the role {self.role} does not have it"
            raise NotAllowed(f"permission {permission}: {has}; ask an admin of the studio", permission=permission)


# Finds out who asks; raises Unauthenticated. Given to `create_app`, so that this package knows nothing of passwords and tokens.
Authenticate = Callable[[Request], Awaitable[Principal]]


class Permission:
    """The dependency behind `Require`: authenticates, checks, and hands on who it is."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def __call__(self, request: Request) -> Principal:
        """Return who asks; raises Unauthenticated or NotAllowed."""
        authenticate: Authenticate = request.app.state.authenticate
        principal = await authenticate(request)
        request.scope["ytempire.principal"] = principal
        request.scope["ytempire.permission"] = self.name
        principal.ensure_may(self.name)
        return principal


def Require(permission: str) -> Any:
    """Return the marker of a signature that asks for a permission."""
    return Depends(Permission(permission))


async def open_to_everybody() -> None:
    """Mark a route that asks nobody who they are."""


# For `dependencies=[Public]`: the one way for a route to go without a permission.
Public = Depends(open_to_everybody)
