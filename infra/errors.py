"""The five families of errors; lower layers raise facts, the edges render them."""

from typing import ClassVar


class StudioError(Exception):
    """Base of every error the studio raises on purpose.

    `message` names the field, the limit and the fix where there is one; `details` holds ids and numbers.
    """

    code: ClassVar[str] = "studio_error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class NotFound(StudioError):
    """The named thing does not exist."""

    code = "not_found"


class Conflict(StudioError):
    """The request contradicts what is already recorded."""

    code = "conflict"


class Forbidden(StudioError):
    """A rule, allow-list, licence or budget says no."""

    code = "forbidden"


class Invalid(StudioError):
    """The input breaks a stated limit."""

    code = "invalid"


class Unavailable(StudioError):
    """Something outside is down for now; trying again later may work."""

    code = "unavailable"
    retryable = True
