"""The published descriptions of the platform's three APIs that ship inside google-api-python-client: methods, parameters and schemas, read from disk.

A method is named as its description names it: `videos.insert` of the Data API, `youtubeAnalytics.reports.query`, `youtubereporting.jobs.create`.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema
from googleapiclient.discovery_cache import get_static_doc

# Parameters that every method of the API takes, e.g. `alt=json`; the document lists them once.
_UPLOAD_TYPES = frozenset({"uploadType", "upload_id"})
DATA, ANALYTICS, REPORTING = "youtube", "youtubeAnalytics", "youtubereporting"
_VERSIONS = {DATA: "v3", ANALYTICS: "v2", REPORTING: "v1"}


@dataclass(frozen=True)
class Flaw:
    """Why the published description refuses a request: the platform's reason word, a message and the place."""

    reason: str
    message: str
    place: str


@cache
def document(api: str = DATA) -> dict[str, Any]:
    """Return the static discovery document of an API; nothing is fetched."""
    text = get_static_doc(api, _VERSIONS[api])
    if text is None:
        raise LookupError(f"google-api-python-client carries no {api}.{_VERSIONS[api]} document; reinstall it at the version of constraints.txt")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def document_at(root_url: str | None, api: str = DATA) -> str:
    """Return the document as JSON text, with the API at `root_url` (such as `http://127.0.0.1:9/`) instead of Google's."""
    found = document(api)
    if root_url is None:
        return json.dumps(found)
    root = root_url.rstrip("/") + "/"
    return json.dumps({**found, "rootUrl": root, "baseUrl": root + found["servicePath"], "mtlsRootUrl": root})


def api_of(name: str) -> str:
    """Return the API that a method belongs to."""
    first = name.split(".")[0]
    return first if first in _VERSIONS else DATA


def method(name: str) -> dict[str, Any]:
    """Return the description of a method such as `videos.insert`."""
    api = api_of(name)
    *resources, verb = name.removeprefix(f"{api}.").split(".")
    at = document(api)
    for resource in resources:
        at = at["resources"][resource]
    found: dict[str, Any] = at["methods"][verb]
    return found


def parameter_flaw(name: str, query: dict[str, str]) -> Flaw | None:
    """Return why a method refuses these query parameters: unknown, missing or not of the listed values; None when it takes them."""
    described = {**document(api_of(name))["parameters"], **method(name)["parameters"]}
    known = {parameter: about for parameter, about in described.items() if about["location"] == "query"}
    for given in query:
        if given not in known and given not in _UPLOAD_TYPES:
            return Flaw("badRequest", f'Invalid JSON payload received. Unknown name "{given}": Cannot bind query parameter.', given)
    for wanted, about in known.items():
        if about.get("required") and wanted not in query:
            return Flaw("missingRequiredParameter", f"Required parameter {wanted} is missing", wanted)
        allowed = about.get("enum")
        if allowed and wanted in query and query[wanted] not in allowed:
            return Flaw("invalidParameter", f"Invalid value '{query[wanted]}'. Values must match one of {allowed}", wanted)
        if wanted in query and not _within(about, query[wanted]):
            return Flaw("invalidParameter", f"Invalid value '{query[wanted]}'. It must be from {about.get('minimum')} to {about.get('maximum')}", wanted)
    return None


def _within(about: dict[str, Any], value: str) -> bool:
    if about["type"] != "integer":
        return True
    return value.isdigit() and int(about.get("minimum", value)) <= int(value) <= int(about.get("maximum", value))


def body_flaw(name: str, body: object) -> Flaw | None:
    """Return the first way in which a request body breaks the method's published schema; None when it fits."""
    error = next(iter(_validator(api_of(name), method(name)["request"]["$ref"]).iter_errors(body)), None)
    if error is None:
        return None
    return Flaw("badRequest", f"Invalid JSON payload received. {error.message[:300]}", ".".join(str(part) for part in error.absolute_path))


@cache
def _validator(api: str, schema: str) -> jsonschema.Draft202012Validator:
    definitions = {name: _as_json_schema(one) for name, one in document(api)["schemas"].items()}
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": definitions})


def answer_flaw(name: str, body: object) -> str | None:
    """Return the first way in which an answer breaks the method's published schema; None when it fits."""
    error = next(iter(_validator(api_of(name), method(name)["response"]["$ref"]).iter_errors(body)), None)
    return None if error is None else f"{'.'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}"


def _as_json_schema(node: dict[str, Any]) -> dict[str, Any]:
    """Turn a discovery schema into JSON Schema; unlike there, an object takes no field it does not list, as the live API takes none."""
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref']}"}
    made: dict[str, Any] = {key: node[key] for key in ("enum", "pattern", "minimum", "maximum") if key in node}
    if node.get("type", "any") != "any":
        made["type"] = node["type"]
    if "items" in node:
        made["items"] = _as_json_schema(node["items"])
    if "properties" in node:
        made["properties"] = {name: _as_json_schema(one) for name, one in node["properties"].items()}
        made["additionalProperties"] = False
    return made
