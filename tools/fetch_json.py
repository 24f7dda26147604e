"""JSON answers of outside services, checked to be JSON objects before anyone reads them."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2

from infra.errors import Invalid
from tools.fetch import Credential, Fetcher, FetchRequest


class AnswerUnreadable(Invalid):
    """The service answered with something other than the JSON it documents."""

    code = "answer_unreadable"


def get_json(
    fetcher: Fetcher, url: str, params: Mapping[str, str | int] | None = None, total_s: float | None = None, credential: Credential | None = None
) -> Any:
    """GET `url` with `params` and return the decoded JSON; raises errors of `tools.fetch` or `AnswerUnreadable`."""
    address = str(httpx2.URL(url).copy_merge_params(dict(params))) if params else url
    answer = fetcher.get(FetchRequest(address, accept="application/json", total_s=total_s, credential=credential))
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise AnswerUnreadable(f"url {address[:200]}: {len(answer.body)} bytes of {answer.content_type or 'unknown type'} are not JSON") from error


def listed(value: Any, *path: str) -> list[dict[str, Any]]:
    """Return the list of objects at `path` in a decoded answer; anything missing or of another type counts as empty."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def text_of(entry: Mapping[str, Any], key: str) -> str:
    """Return a string field, or nothing."""
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def number_of(entry: Mapping[str, Any], key: str) -> float:
    """Return a finite number field, or 0."""
    value = entry.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else 0.0
