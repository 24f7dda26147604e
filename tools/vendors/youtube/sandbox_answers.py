"""How the stand-in answers: errors in the platform's form, and connections that end in the middle of an answer."""

from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tools.vendors.youtube.sandbox_faults import Play

_DOMAINS = {"quotaExceeded": "youtube.quota", "rateLimitExceeded": "usageLimits", "userRateLimitExceeded": "usageLimits", "dailyLimitExceeded": "usageLimits"}


class Refusal(Exception):
    """A request the stand-in refuses with a documented reason."""

    def __init__(self, status: int, reason: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.headers = status, reason, message, headers or {}

    def answer(self) -> Response:
        """Return the error as the platform writes it: the newer APIs name a status word, the Data API a list of reasons."""
        if self.reason.isupper():
            newer = {"error": {"code": self.status, "message": self.message, "status": self.reason}}
            return JSONResponse(newer, status_code=self.status, headers=self.headers)
        detail = {"message": self.message, "domain": _DOMAINS.get(self.reason, "global"), "reason": self.reason}
        body = {"error": {"code": self.status, "message": self.message, "errors": [detail]}}
        return JSONResponse(body, status_code=self.status, headers=self.headers)


class Cut(Response):
    """Promises a body, sends none of it and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the protocol of ASGI
        """Start an answer and never end it."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json"), (b"content-length", b"4096")]})


def played(play: Play) -> Response:
    """Return the answer of a misbehaviour that serves nothing."""
    if play.status == 0:
        return Cut()
    return Refusal(play.status, play.reason, play.message, dict(play.headers)).answer()


def listing(kind: str, items: list[dict[str, Any]], **more: Any) -> Response:
    """Return a page of resources."""
    return JSONResponse({"kind": f"youtube#{kind}ListResponse", "items": items, "pageInfo": {"totalResults": len(items), "resultsPerPage": 50}, **more})
