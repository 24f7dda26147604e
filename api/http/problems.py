"""How an error looks to a client (RFC 9457), as models for the schema, and how a route says which ones it knows."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One field that breaks its limit."""

    field: str = Field(description="Where it is, such as `body.budget_usd` or `query.limit`.")
    message: str = Field(description="The limit that it breaks, and what to give instead.")


class Problem(BaseModel):
    """Why a request was not done. `code` is stable and meant for programs, `detail` for people."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="`urn:ytempire:problem:` and the code.")
    title: str
    status: int
    detail: str
    code: str
    request_id: str = Field(description="What to look for in the logs.")
    retryable: bool = Field(description="Whether the same request may work later.")
    errors: list[FieldProblem] = Field(default_factory=list)


_TITLES = {
    400: "The request cannot be read",
    401: "Nobody is signed in",
    403: "Not allowed",
    404: "Not found",
    405: "The method is not known here",
    408: "Too slow",
    409: "It contradicts what is there",
    412: "It was changed meanwhile",
    413: "The body is too large",
    415: "The media type is not taken",
    416: "The range lies outside the file",
    421: "The host is not known here",
    422: "A field breaks its limit",
    428: "The version is missing",
    429: "Too often",
    431: "The head is too large",
    500: "The server failed",
    502: "A tool failed",
    503: "Not available for now",
}


def title_of(status: int) -> str:
    """Return what a status means here, in words."""
    return _TITLES.get(status, "The request was refused")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return `responses=` of a route that may answer with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": title_of(status), "content": content} for status in statuses}
