"""Kinds of fields that many requests have."""

from inspect import signature
from typing import Annotated, Any

from fastapi import Depends
from pydantic import AfterValidator

DEEPEST = 50


def storable(text: str) -> str:
    """Return a text that the database can hold; raises ValueError for one with a zero byte or half a character."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("it holds a zero byte or half of a character; leave that out")
    return text


# What people write. Every field of a request that is free text is one of these; a pattern does the same for ids.
FreeText = Annotated[str, AfterValidator(storable)]


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
