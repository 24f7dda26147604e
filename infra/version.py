"""Which code this is: the version, and a digest of the sources that every process of a studio must have in common."""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from infra.settings import CHECKOUT

# What jobs, rows and files mean is decided here; agents, graphs and the command may differ between machines for a while.
_SHARED = ("infra", "memory", "tools")
_KINDS = frozenset({".py", ".sql"})


@cache
def code_version() -> str:
    """Return `<version>+<12 hex digits>`: two machines with the same one understand each other's jobs, rows and files."""
    return f"{_released()}+{source_digest(_SHARED, _KINDS)}"


def source_digest(packages: Iterable[str], kinds: frozenset[str]) -> str:
    """Return 12 hex digits that change when a file of one of the `kinds` (".py") changes, comes or goes within the packages or folders."""
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted(one for one in (CHECKOUT / package).rglob("*") if one.suffix in kinds):
            digest.update(path.relative_to(CHECKOUT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _released() -> str:
    try:
        return version("ytempire")
    except PackageNotFoundError:
        return "0"
