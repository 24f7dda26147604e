"""The smallest JSON value that fits a JSON schema: what a stand-in of a language model answers when it has no script."""

from typing import Any


def example_of(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    """Return a small value valid under `schema` (types, enums, references, arrays of one)."""
    whole = root if root is not None else schema
    if "$ref" in schema:
        return example_of(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example_of(schema[choice][0], whole)
    return _of_type(schema, whole)


def _of_type(schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: example_of(one, whole) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [example_of(schema["items"], whole)] if isinstance(schema.get("items"), dict) else []
    return {"string": "text", "integer": 0, "number": 0.0, "boolean": False, "null": None}[kind]
