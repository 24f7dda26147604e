"""How much of a body is read: as much as the route takes, counted while it comes in."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

MAX_BODY = 1_000_000
_LIMIT = "ytempire.max_body"


def allow(scope: Scope, max_bytes: int) -> None:
    """Let a route that reads its body piece by piece take more; to be called before the first piece."""
    scope[_LIMIT] = max_bytes


def bounded(scope: Scope, receive: Receive) -> Receive:
    """Return `receive` that refuses a body beyond the limit: by what it says of itself before anything is read, and by what comes in."""
    read = 0

    async def receiving() -> Message:
        nonlocal read
        limit: int = scope.get(_LIMIT, MAX_BODY)
        said = Headers(scope=scope).get("content-length", "") if read == 0 else ""
        if said.isdigit() and int(said) > limit:
            raise _too_large(limit)
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise _too_large(limit)
        return message

    return receiving


def _too_large(limit: int) -> HTTPException:
    # An HTTPException, since FastAPI takes anything else that reading a body raises for a body that cannot be read.
    return HTTPException(413, f"body: more than {limit} bytes; send less, or in parts where the route takes parts", {"connection": "close"})
