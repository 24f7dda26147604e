"""How Stripe's API speaks: forms with brackets in, JSON out, errors with a type, a code and the parameter at fault."""

import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError
from starlette.responses import JSONResponse
from stripe import RequestOptions

from infra.ids import new_id

# How many characters a string may have, and how many parts a name: the document's `maxLength`, and more depth than any of its parameters has.
_LONGEST_VALUE = 5000
_DEEPEST = 8
_PART = re.compile(r"\[([^\[\]]*)\]")
_OF_THE_SDK = frozenset(RequestOptions.__annotations__)
_A = TypeVar("_A")
_Object = dict[str, _A]
_NOT_ON_THE_WIRE: dict[str, Any] = {"StripeContext": str, "Mapping": Mapping, "UntypedStripeObject": _Object}


class Refusal(Exception):
    """An answer that is an error. Source of types and codes: https://docs.stripe.com/api/errors and /error-codes."""

    def __init__(self, status: int, message: str, code: str | None = None, param: str | None = None, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {name: value for name, value in (("type", kind), ("code", code), ("message", message), ("param", param)) if value is not None}}

    def response(self) -> JSONResponse:
        """Return it as Stripe sends it."""
        return answered(self.body, self.status)


def answered(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return JSON with a request id."""
    return JSONResponse(dict(body), status, {"request-id": new_id("req"), **(headers or {})})


def missing(kind: str, value: str, param: str, status: int = 400) -> Refusal:
    """Return the error of an id that names nothing; 404 where the id is in the path."""
    return Refusal(status, f"No such {kind}: '{value}'", "resource_missing", param)


def read_form(text: str) -> dict[str, Any]:
    """Return the parameters of a form or a query: `a[b]=1` is an object, `a[0]=1` and `a[]=1` are lists."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        head, bracket, rest = name.partition("[")
        parts = [head, *_PART.findall(bracket + rest)]
        if len(parts) > _DEEPEST or len(value) > _LONGEST_VALUE:
            raise Refusal(400, f"Invalid string: {value[:20]}...; must be at most {_LONGEST_VALUE} characters", "parameter_invalid_string", name)
        _put(found, parts, value)
    return {name: _listed(value) for name, value in found.items()}


def _put(place: dict[str, Any], parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise Refusal(400, "Invalid object", "parameter_invalid", part)
    last = parts[-1] or str(len(place))
    place[last] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    return [inner[name] for name in sorted(inner, key=int)] if inner and all(name.isdigit() for name in inner) else inner


@cache
def _published(params: Any) -> TypeAdapter[Any]:
    # The types also name what only the SDK's callers can give; on the wire an object is an object.
    made = TypeAdapter(params)
    made.rebuild(_types_namespace={**vars(sys.modules[params.__module__]), **_NOT_ON_THE_WIRE})
    return made


def checked(params: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters as the type that the SDK generates from the published OpenAPI document has them; raises Refusal for what breaks it.

    On the wire everything is text: numbers and booleans are read from it, and a name that the document does not know is refused.
    """
    try:
        made: dict[str, Any] = _published(params).validate_python(given, extra="forbid")
    except ValidationError as error:
        raise _refused(error) from error
    if unknown := set(made) & _OF_THE_SDK:
        raise _unknown(sorted(unknown)[0])
    return made


def _refused(error: ValidationError) -> Refusal:
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    # Branches of a union are parts of the place too; names of parameters are lower case.
    parts = [str(one) for one in first["loc"] if isinstance(one, int) or one.islower()]
    where = "".join(part if place == 0 else f"[{part}]" for place, part in enumerate(parts))
    if first["type"] == "extra_forbidden":
        return _unknown(where)
    if first["type"] == "missing":
        return Refusal(400, f"Missing required param: {where}.", "parameter_missing", where)
    return Refusal(400, f"Invalid value for {where}: {first['msg']}", "parameter_invalid", where)


def _unknown(where: str) -> Refusal:
    return Refusal(400, f"Received unknown parameter: {where}", "parameter_unknown", where)
