"""Bodies, and kinds of fields that many requests have."""

import re
from datetime import UTC, date, datetime
from functools import cache
from inspect import signature
from typing import Annotated, Any

from fastapi import Depends
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

DEEPEST = 50
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d")
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object", type(None): "null"}


def storable(text: str) -> str:
    """Return a text that the database can hold; raises ValueError for one with a zero byte or half a character."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("it holds a zero byte or half of a character; leave that out")
    return text


# What people write. Every field of a request that is free text is one of these; a pattern does the same for ids.
FreeText = Annotated[str, AfterValidator(storable)]


def written(value: Any) -> Any:
    """Return what is written as a date begins, and whatever is no text; raises ValueError for a bare number, which would count from 1970."""
    if isinstance(value, str) and not _WRITTEN.match(value):
        raise ValueError("it is no date; write it as 2026-11-29, and a time as 2026-11-29T18:00:00Z")
    return value


def in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC: the database knows no zone that is further away than 16 hours. Raises ValueError outside the years 1 to 9999."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("in UTC it lies outside the years 1 to 9999; give another time") from error


# Dates and times in questions, where everything comes as text.
Day = Annotated[date, BeforeValidator(written)]
Moment = Annotated[AwareDatetime, BeforeValidator(written), AfterValidator(in_utc)]


class Body(BaseModel):
    """What is sent: a field that is not known is refused, and so is a value of another JSON type than the schema names.

    Without that `false` would be a limit of 0, and `0` a time in 1970.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _as_the_schema_says(cls, given: Any) -> Any:
        if isinstance(given, dict):
            named = _schema(cls)["properties"]
            wrong = [_mistyped(name, value) for name, value in given.items() if name in named and not _fits(value, named[name])]
            if wrong:
                raise ValidationError.from_exception_data(cls.__name__, wrong)
        return given


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _mistyped(name: str, value: Any) -> InitErrorDetails:
    said = PydanticCustomError("json_type", "it is of the JSON type {kind}, and the schema (/openapi.json) names another", {"kind": _KINDS[type(value)]})
    return InitErrorDetails(type=said, loc=(name,), input=value)


def _fits(value: Any, wanted: dict[str, Any]) -> bool:
    """Whether a value from JSON is of a type that a schema names, and so are its items; what has no type in it takes all."""
    choices = wanted.get("anyOf") or wanted.get("oneOf")
    if choices:
        return any(_fits(value, one) for one in choices)
    named, kind = wanted.get("type"), _KINDS.get(type(value))
    if kind is None or named is None:
        return True
    is_whole = kind == "number" and named == "integer" and float(value).is_integer()
    if named != kind and not is_whole and (named, kind) != ("number", "integer"):
        return False
    return kind != "array" or all(_fits(one, wanted.get("items", {})) for one in value)


def Asked(kind: type[object]) -> Any:
    """Return the marker of a signature that gathers query parameters into a dataclass.

    FastAPI would make one itself in a thread of its own, which costs more than most reads.
    """

    async def read(**values: Any) -> object:
        return kind(**values)

    read.__signature__ = signature(kind)  # type: ignore[attr-defined]
    return Depends(read)


def all_storable(value: object, depth: int = 0) -> None:
    """Raise ValueError for a JSON value with a text in it that the database cannot hold, and for one that nests more than 50 deep."""
    if depth > DEEPEST:
        raise ValueError(f"it nests more than {DEEPEST} deep; send it flatter")
    if isinstance(value, str):
        storable(value)
    elif isinstance(value, dict):
        for name, one in value.items():
            all_storable(name, depth + 1)
            all_storable(one, depth + 1)
    elif isinstance(value, list | tuple):
        for one in value:
            all_storable(one, depth + 1)
