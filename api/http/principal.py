"""Who asks, and what they may: every route names its permission, or says that it is public."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Depends, Request

from api.auth.client import address_of
from api.http.pace import Kind, Paces, kind_of, network_of
from api.http.refusals import NotAllowed, Unauthenticated

Via = Literal["session", "token"]
# Whoever watches the service must not be told that it is down because somebody beside it asks too often.
_PROBES = frozenset({"/healthz", "/readyz"})


@dataclass(frozen=True)
class Principal:
    """Whoever asks: a person who signed in (`session`) or a program with a token of theirs (`token`).

    `scopes` are the permissions that count for this request (`noun:verb`): those of the role, and for a token only the ones it was given. Whether they
    showed their password lately (`confirmed`) is looked up only by routes that may need it.
    """

    user_id: str
    tenant_id: str
    role: str
    scopes: frozenset[str]
    via: Via
    confirmed: bool = False

    @property
    def caller(self) -> str:
        """Whose requests are counted together: a person's, and apart from them those of their programs."""
        return f"{self.via} {self.user_id}"

    def ensure_may(self, permission: str) -> None:
        """Raise NotAllowed when the permission is missing."""
        if permission not in self.scopes:
            has = "the token was not given it" if self.via == "token" else f"the role {self.role} does not have it"
            raise NotAllowed(f"permission {permission}: {has}; ask an admin of the studio", permission=permission)


# Finds out who asks; raises Unauthenticated. Given to `create_app`, so that this package knows nothing of passwords and tokens.
Authenticate = Callable[[Request], Awaitable[Principal]]


class Permission:
    """The dependency behind `Require`: authenticates, checks, and hands on who it is."""

    # Whether the password must have been shown lately.
    confirmed = False

    def __init__(self, name: str, kind: Kind | None = None) -> None:
        self.name = name
        self.kind = kind

    async def __call__(self, request: Request) -> Principal:
        """Return who asks; raises Unauthenticated, RateLimited or NotAllowed."""
        authenticate: Authenticate = request.app.state.authenticate
        paces: Paces = request.app.state.paces
        try:
            principal = await authenticate(request)
        except Unauthenticated:
            paces.count(request.scope, network_of(address_of(request, request.app.state.service.settings)), "unknown")
            raise
        request.scope["ytempire.principal"] = principal
        request.scope["ytempire.permission"] = self.name
        paces.count(request.scope, principal.caller, self.kind or kind_of(request.method))
        principal.ensure_may(self.name)
        return principal


def Require(permission: str, kind: Kind | None = None) -> Any:
    """Return the marker of a signature that asks for a permission; `kind` is which pace counts, when not that of the method."""
    return Depends(Permission(permission, kind))


async def open_to_everybody(request: Request) -> None:
    """Mark a route that asks nobody who they are; raises RateLimited."""
    if request.scope["path"] not in _PROBES:
        paces: Paces = request.app.state.paces
        paces.count(request.scope, network_of(address_of(request, request.app.state.service.settings)), "unknown")


# For `dependencies=[Public]`: the one way for a route to go without a permission.
Public = Depends(open_to_everybody)
