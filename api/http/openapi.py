"""The schema of the service: readable operation ids, problems and security of every route, and what each asks for."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from api.http.principal import Permission, open_to_everybody
from api.http.problems import Problem, problems
from api.http.versions import LONGEST_TAG

TITLE, VERSION = "YTEMPIRE", "1"
DESCRIPTION = (
    "Run a studio of six agents: channels, videos, runs, tasks, approvals, costs and incidents.\n\n"
    "Errors are `application/problem+json` with a stable `code`. Lists are paged by `cursor`. Edits need `If-Match`. "
    "A POST with an `Idempotency-Key` may be sent again without a second effect."
)
_BEARER = {"type": "http", "scheme": "bearer", "description": "An access token of a signed-in person, or a personal token of a program."}
_LOCATION = {"description": "Where to look at what was begun.", "required": True, "schema": {"type": "string"}}
_ALWAYS = (421, 429, 500)
_ASKED = (401, 403, 503)


def routes_of(app: FastAPI) -> Iterator[RouteContext]:
    """Yield every route that answers requests, with what including it added."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context


def permission_of(context: RouteContext) -> str | None:
    """Return the permission that a route asks for, None where it asks for none."""
    return next((call.name for call in calls_of(context.dependant) if isinstance(call, Permission)), None)


def asks_for_confirmation(context: RouteContext) -> bool:
    """Whether a route is for a grave act, which needs a password that was shown lately."""
    return any(isinstance(call, Permission) and call.confirmed for call in calls_of(context.dependant))


def is_public(context: RouteContext) -> bool:
    """Whether a route says of itself that it asks nobody who they are."""
    return any(call is open_to_everybody for call in calls_of(context.dependant))


def schema_of(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=TITLE, version=VERSION, description=DESCRIPTION, routes=app.routes, openapi_version="3.1.0")
        parts = made.setdefault("components", {})
        parts["securitySchemes"] = {"bearer": _BEARER}
        schemas = parts.setdefault("schemas", {})
        schemas |= _problem_schemas()
        for name in ("HTTPValidationError", "ValidationError"):  # what FastAPI would answer; ours are problems
            schemas.pop(name, None)
        for context in routes_of(app):
            for method in context.methods or ():
                if operation := made["paths"].get(context.path_format, {}).get(method.lower()):
                    _complete(operation, context)
        app.openapi_schema = made
    return app.openapi_schema


def _complete(operation: dict[str, Any], context: RouteContext) -> None:
    """Add who may call it, and the problems that any route of its kind can answer with."""
    operation["operationId"] = context.name  # generated clients read `client.channels_list()`
    statuses = list(_ALWAYS)
    if (permission := permission_of(context)) is not None:
        operation["security"] = [{"bearer": []}]
        operation["x-permission"] = permission
        if asks_for_confirmation(context):
            operation["x-confirmed"] = True  # the password must have been shown lately: `POST /v1/me/confirm`
        statuses += _ASKED
    if operation.get("parameters") or operation.get("requestBody"):
        statuses.append(422)
    if operation.get("requestBody"):
        statuses += (400, 413, 415)
    statuses += _of_headers(operation.get("parameters", ()))
    answers: dict[str, Any] = operation["responses"]
    if "202" in answers:
        answers["202"]["headers"] = {"Location": _LOCATION}
    for status, problem in problems(*statuses).items():
        if str(status) not in answers or status == 422:
            answers[str(status)] = problem
    operation["responses"] = dict(sorted(answers.items()))


def _of_headers(parameters: Iterable[dict[str, Any]]) -> Iterator[int]:
    """Yield the statuses that headers bring with them, and tell that an edit needs its version and that a header is never null."""
    for one in parameters:
        if one["in"] == "header" and "anyOf" in one["schema"]:
            texts = [kind for kind in one["schema"].pop("anyOf") if kind != {"type": "null"}]
            one["schema"] |= texts[0]
        if one["name"] == "idempotency-key":
            yield 409
        elif one["name"] == "if-match":
            # Its lack is told as 428 and not as a field, so that for FastAPI it is optional.
            one.update(required=True, schema={"type": "string", "minLength": 1, "maxLength": LONGEST_TAG})


def _problem_schemas() -> dict[str, Any]:
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**made.pop("$defs", {}), "Problem": made}


def calls_of(dependant: Dependant | None) -> Iterator[object]:
    """Yield what a route depends on, at every depth."""
    for one in dependant.dependencies if dependant is not None else ():
        yield one.call
        yield from calls_of(one)
