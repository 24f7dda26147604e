"""What a socket's client may say, and what it is answered."""

from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api.events.topics import MOST_TOPICS
from infra.errors import Invalid, StudioError


class _Said(BaseModel):
    """Any message."""

    model_config = ConfigDict(extra="forbid")


class Authenticate(_Said):
    """The first: the ticket that was asked for over HTTPS."""

    type: Literal["authenticate"]
    ticket: Annotated[str, Field(min_length=1, max_length=200)]


class Subscribe(_Said):
    """Be told of these topics. `after`, in the first one only, begins behind that event instead of with what comes next."""

    type: Literal["subscribe"]
    topics: Annotated[list[str], Field(min_length=1, max_length=MOST_TOPICS)]
    after: Annotated[int, Field(ge=0, lt=1 << 63)] | None = None


class Unsubscribe(_Said):
    """Be told of them no more."""

    type: Literal["unsubscribe"]
    topics: Annotated[list[str], Field(min_length=1, max_length=MOST_TOPICS)]


class Ping(_Said):
    """Ask for a `pong`."""

    type: Literal["ping"]


Said = Annotated[Authenticate | Subscribe | Unsubscribe | Ping, Field(discriminator="type")]
_SAID: TypeAdapter[Authenticate | Subscribe | Unsubscribe | Ping] = TypeAdapter(Said)


def read(text: str) -> Authenticate | Subscribe | Unsubscribe | Ping:
    """Return what was said; raises Invalid, which names the field."""
    try:
        return _SAID.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "message"
        raise Invalid(f"{field}: {first['msg']}; say authenticate, subscribe, unsubscribe or ping, as JSON") from error


def write(kind: str, **values: Any) -> str:
    """Return a message of the server."""
    return orjson.dumps({"type": kind, **values}).decode()


def refusal(error: StudioError) -> str:
    """Return an error as a message; the socket stays open."""
    return write("error", code=error.code, detail=error.message, retryable=error.retryable)
