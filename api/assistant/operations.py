"""An operation of the service as a tool: what it takes, read from the service's own schema, so that the two never differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator

from api.assistant.verbs import VERBS, Verb
from infra.errors import Invalid

_METHODS = ("get", "post")
# What some operations take and no verb offers, with why: whoever asks for it is told more than that it is not known.
_NOT_THEIRS = {
    "autonomy": "no assistant chooses a level: the channel's own holds, and a freer one is the word of a signed-in person who may decide (approvals:decide)",
}
_MOST_TOLD = 5


class ArgumentsWrong(Invalid):
    """The arguments of a call are not what the tool takes."""

    code = "arguments_wrong"


@dataclass(frozen=True)
class Request:
    """One request to the service."""

    method: str
    path: str
    query: dict[str, str | list[str]]
    body: dict[str, Any] | None


@dataclass(frozen=True)
class Operation:
    """One verb with its place in the service; `schema` is what an assistant gives."""

    verb: Verb
    method: str
    path: str
    permission: str
    schema: dict[str, Any]
    in_path: frozenset[str]
    in_query: frozenset[str]

    @property
    def reads_only(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "get"

    def request(self, arguments: Mapping[str, Any]) -> Request:
        """Return the request of a call; raises ArgumentsWrong naming each field."""
        for name, why in _NOT_THEIRS.items():
            if name in arguments and name not in self.schema["properties"]:
                raise ArgumentsWrong(f"{self.verb.name}: {name}: {why}; leave it out")
        found = sorted(Draft202012Validator(self.schema).iter_errors(dict(arguments)), key=lambda one: one.json_path)
        if found:
            told = "; ".join(f"{one.json_path.removeprefix('$').removeprefix('.') or 'arguments'}: {one.message[:300]}" for one in found[:_MOST_TOLD])
            raise ArgumentsWrong(f"{self.verb.name}: {told}")
        path = self.path
        for name in self.in_path:
            path = path.replace(f"{{{name}}}", quote(str(arguments[name]), safe=""))
        given = {name: value for name, value in arguments.items() if name not in self.in_path and value is not None}
        query = {name: [_text(one) for one in value] if isinstance(value, list) else _text(value) for name, value in given.items() if name in self.in_query}
        body = {**self.verb.fixed, **{name: value for name, value in given.items() if name not in self.in_query}}
        return Request(self.method, path, query, None if self.reads_only else body)


def operations_of(document: Mapping[str, Any]) -> dict[str, Operation]:
    """Return the verbs whose operation a service has, by name, in the verbs' order."""
    places = {
        item["operationId"]: (method, path, item)
        for path, methods in document.get("paths", {}).items()
        for method, item in methods.items()
        if method in _METHODS and "operationId" in item
    }
    components = document.get("components", {}).get("schemas", {})
    return {verb.name: _operation(verb, places[verb.operation], components) for verb in VERBS if verb.operation in places}


def _operation(verb: Verb, place: tuple[str, str, dict[str, Any]], components: Mapping[str, Any]) -> Operation:
    method, path, item = place
    parameters = [one for one in item.get("parameters", []) if one["in"] in {"path", "query"}]
    properties = {one["name"]: _described(one) for one in parameters}
    required = [one["name"] for one in parameters if one.get("required")]
    if method == "post":
        body = components[verb.component] if verb.component else item["requestBody"]["content"]["application/json"]["schema"]
        whole = _resolved(body, components)
        properties |= {name: one for name, one in whole["properties"].items() if name not in verb.fixed}
        required += [name for name in whole.get("required", []) if name not in verb.fixed]
    schema = {"type": "object", "properties": _resolved(properties, components), "required": required, "additionalProperties": False}
    named = {place: frozenset(one["name"] for one in parameters if one["in"] == place) for place in ("path", "query")}
    return Operation(verb, method, path, item.get("x-permission", ""), schema, named["path"], named["query"])


def _described(parameter: Mapping[str, Any]) -> dict[str, Any]:
    told = {"description": parameter["description"]} if parameter.get("description") else {}
    return {**parameter["schema"], **told}


def _resolved(value: Any, components: Mapping[str, Any]) -> Any:
    """Return a schema with every reference replaced by what it names; no schema of a request refers to itself."""
    if isinstance(value, list):
        return [_resolved(one, components) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        rest = {name: one for name, one in value.items() if name != "$ref"}
        return {**_resolved(components[value["$ref"].rpartition("/")[2]], components), **rest}
    return {name: _resolved(one, components) for name, one in value.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
