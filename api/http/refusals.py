"""Refusals that only HTTP knows, as facts of the five families; `api.errors` gives each its status."""

from collections.abc import Sequence

from infra.errors import Conflict, Forbidden, Invalid, Unavailable


class Unauthenticated(Forbidden):
    """Nobody is signed in: no token, or one that is not good any more."""

    code = "unauthenticated"


class NotAllowed(Forbidden):
    """The role or the token lacks the permission that the route names."""

    code = "not_allowed"


class VersionMissing(Invalid):
    """An edit came without `If-Match`, so that it could overwrite what its author never saw."""

    code = "version_missing"


class VersionStale(Conflict):
    """What is there is not what the editor saw."""

    code = "version_stale"


class TooLarge(Invalid):
    """The body is larger than this route takes."""

    code = "body_too_large"


class HostUnknown(Invalid):
    """The `Host` is not one that this server answers for."""

    code = "host_unknown"


class CodingUnknown(Invalid):
    """The body is packed, which none may be."""

    code = "coding_unknown"


class InvalidFields(Invalid):
    """Several fields break their limits: `broken` holds each with what is wrong."""

    def __init__(self, broken: Sequence[tuple[str, str]]) -> None:
        self.broken = tuple(broken)
        told = "; ".join(f"{field}: {message}" for field, message in self.broken[:5])
        super().__init__(told + (f"; and {len(self.broken) - 5} more" if len(self.broken) > 5 else ""))


class TooOften(Unavailable):
    """The caller asks more often than it may."""

    code = "too_often"
