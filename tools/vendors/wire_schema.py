"""Checks a request against the types that a vendor publishes in its SDK, which are generated from its OpenAPI document."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from pydantic import TypeAdapter


@cache
def validator_of(published: Any) -> Draft202012Validator:
    """Return a validator of a published request or response type; objects with named fields allow no others, as the vendors' servers do."""
    return Draft202012Validator(_closed(TypeAdapter(published).json_schema()))


def first_fault(published: Any, body: object) -> tuple[str, str] | None:
    """Return where `body` breaks the published type and how, or None; the deepest branch that fits best speaks."""
    fault = best_match(validator_of(published).iter_errors(body))
    return None if fault is None else (fault.json_path.removeprefix("$").removeprefix("."), _plain(fault))


def _plain(fault: ValidationError) -> str:
    return fault.message[:300]


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _closed_values(value) if key in {"properties", "$defs"} else _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        made["additionalProperties"] = False
    return made


def _closed_values(named: dict[str, Any]) -> dict[str, Any]:
    return {name: _closed(one) for name, one in named.items()}


def open_object(schema: Any) -> str | None:
    """Return the path of an object of a JSON schema that allows additional properties, or None."""
    return next((path for path, one in _objects(schema, "") if one.get("additionalProperties") is not False), None)


def optional_property(schema: Any) -> str | None:
    """Return the path of an object of a JSON schema with a property that is not required, or None."""
    return next((path for path, one in _objects(schema, "") if set(one.get("required", ())) != set(one.get("properties", {}))), None)


def _objects(schema: Any, path: str) -> Iterable[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" or "properties" in schema:
        yield path or "(root)", schema
    named = [(f"{path}/{key}/{name}", one) for key in ("properties", "$defs") for name, one in schema.get(key, {}).items()]
    listed = [(f"{path}/{key}/{place}", one) for key in ("anyOf", "oneOf", "allOf") for place, one in enumerate(schema.get(key, ()))]
    for place, one in [*named, *listed, (f"{path}/items", schema.get("items"))]:
        yield from _objects(one, place)
