"""Identity: ids are drawn by chance, hashes are canonical."""

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


class _Source:
    """Where the digits of new ids come from: chance, unless a simulation seeded them."""

    draw: Callable[[], str] = staticmethod(lambda: uuid.uuid4().hex)


_SOURCE = _Source()


def new_id(prefix: str) -> str:
    """Return a new id such as `run_5f0c...`: a prefix and a UUID of 32 hex digits."""
    return f"{prefix}_{_SOURCE.draw()}"


@contextmanager
def seeded_ids(*parts: object) -> Iterator[None]:
    """Let every new id of this process depend only on `parts` and on how many were drawn before, inside the block."""
    source = seeded("ids", *parts)
    before, _SOURCE.draw = _SOURCE.draw, lambda: f"{source.getrandbits(128):032x}"
    try:
        yield
    finally:
        _SOURCE.draw = before


def content_digest(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 lower-case hex digits: the name of an artifact."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: object) -> bytes:
    """Encode a JSON value with sorted keys and no spaces, so equal values have equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def json_digest(value: object) -> str:
    """Return the digest of a JSON value's canonical form."""
    return content_digest(canonical_json(value))


def seeded(*parts: object) -> random.Random:
    """Return a random source that depends only on `parts`, so a re-run draws the same numbers."""
    return random.Random(json_digest([str(part) for part in parts]))  # noqa: S311 - the one door to randomness  # nosec B311
