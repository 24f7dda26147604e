"""The edge of HTTP: every error becomes a problem with a status, a stable code and the request's id; what nobody foresaw is logged and told as nothing more."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import MEDIA_TYPE, title_of
from api.http.refusals import CodingUnknown, HostUnknown, InvalidFields, TooLarge, TooOften, Unauthenticated, VersionMissing, VersionStale
from infra.database import DatabaseUnavailable
from infra.errors import Conflict, Forbidden, Invalid, NotFound, StudioError, Unavailable
from infra.log import get_logger
from tools.base import ToolError, ToolRetry
from tools.call import JobFailed

REQUEST_FAILED = "request.failed"
_log = get_logger("api")

# The first that an error is one of decides.
_STATUS: tuple[tuple[type[StudioError], int], ...] = (
    (Unauthenticated, 401),
    (VersionMissing, 428),
    (VersionStale, 412),
    (TooLarge, 413),
    (CodingUnknown, 415),
    (HostUnknown, 421),
    (TooOften, 429),
    (NotFound, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (Invalid, 422),
    (Unavailable, 503),
    # What a tool met outside, for requests that wait for one.
    (ToolRetry, 503),
    (ToolError, 502),
    (JobFailed, 502),
)
_CODES = {400: "unreadable", 404: "not_found", 405: "method_unknown", 413: "body_too_large", 415: "media_type_unknown", 416: "range_outside"}
_RETRY_AFTER_S = 2


def status_of(fact: type[StudioError]) -> int:
    """Return the HTTP status of a fact."""
    return next((status for kind, status in _STATUS if issubclass(fact, kind)), 500)


def install(app: FastAPI) -> None:
    """Let the application render errors this way."""
    app.add_exception_handler(StudioError, _studio)
    app.add_exception_handler(RequestValidationError, _fields)
    app.add_exception_handler(HTTPException, _refused)


def problem(scope: Scope, status: int, code: str, detail: str, more: Mapping[str, Any] | None = None) -> Response:
    """Return a problem as a response; the `status` that something is in is told as `state`, since a problem's own is that of HTTP."""
    body = {
        **{"state" if name == "status" else name: value for name, value in (more or {}).items()},
        "type": f"urn:ytempire:problem:{code}",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": scope.get("ytempire.request_id", ""),
    }
    body.setdefault("retryable", status == 503)
    body.setdefault("errors", [])
    return Response(orjson.dumps(body, default=str), status, media_type=MEDIA_TYPE)


def of_studio(scope: Scope, error: StudioError) -> Response:
    """Return a fact as a problem. What Postgres says of itself stays in the log."""
    status = status_of(type(error))
    detail = "the database does not answer; try again in a moment" if isinstance(error, DatabaseUnavailable) else error.message
    answer = problem(scope, status, error.code, detail, {**error.details, "retryable": error.retryable, "errors": _named(error)})
    if error.retryable:
        answer.headers["retry-after"] = str(error.details.get("retry_after_s", _RETRY_AFTER_S))
    if status == 401:
        answer.headers["www-authenticate"] = 'Bearer realm="ytempire"'
    return answer


def _named(error: StudioError) -> list[dict[str, str]]:
    """Return the field of an error that names one, as all of the studio's do: `field: what is wrong`; or all that one gathered."""
    if isinstance(error, InvalidFields):
        return [{"field": field, "message": message} for field, message in error.broken]
    field, colon, rest = error.message.partition(": ")
    return [{"field": field, "message": rest}] if colon and isinstance(error, Invalid) and " " not in field else []


async def _studio(request: Request, error: Exception) -> Response:
    if not isinstance(error, StudioError):
        raise error
    return refuse(request.scope, error)


def refuse(scope: Scope, error: StudioError) -> Response:
    """Return a fact as a problem, and put on record that something the service stands on is away."""
    if status_of(type(error)) >= 500:
        _log.warning("request.unavailable", code=error.code, error=error.message, request_id=scope.get("ytempire.request_id"))
    return of_studio(scope, error)


async def _fields(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError | ValidationError):
        raise error
    # The values are left out: they may be secret, and whoever sent them knows them.
    broken = [{"field": ".".join(str(part) for part in one["loc"]), "message": one["msg"].removeprefix("Value error, ")} for one in error.errors()]
    told = "; ".join(f"{one['field']}: {one['message']}" for one in broken[:5])
    return problem(request.scope, 422, Invalid.code, told, {"errors": broken})


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = error.status_code
    answer = problem(request.scope, status, _CODES.get(status, f"http_{status}"), str(error.detail))
    answer.headers.update(error.headers or {})
    if status == 405:
        answer.headers["allow"] = ", ".join(sorted(_methods_of(request)))
    return answer


def _methods_of(request: Request) -> set[str]:
    """Return what a path may be asked with: a route knows its own methods only, and several may share the path."""
    path = next((route.path for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE), None)
    return {method for route in request.app.routes if route.path == path for method in getattr(route, "methods", None) or ()}


class LastResort:
    """The outermost turn of a request: a failure that nobody foresaw is logged with its traceback and told as an id to look for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            _log.exception(REQUEST_FAILED, request_id=scope.get("ytempire.request_id"), path=scope["path"], error=type(error).__name__)
            if begun:
                raise
            answer = problem(scope, 500, "failed", "the server failed; the request's id is in its log", {"retryable": False})
            await answer(scope, receive, send)
