"""Which code this is: the version, and a digest of the sources that every process of a studio must have in common."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from infra.settings import CHECKOUT

# What jobs, rows and files mean is decided here; agents, graphs and the command may differ between machines for a while.
_SHARED = ("infra", "memory", "tools")
_KINDS = frozenset({".py", ".sql"})


@cache
def code_version() -> str:
    """Return `<version>+<12 hex digits>`: two machines with the same one understand each other's jobs, rows and files."""
    digest = hashlib.sha256()
    for package in _SHARED:
        for path in sorted(one for one in (CHECKOUT / package).rglob("*") if one.suffix in _KINDS):
            digest.update(path.relative_to(CHECKOUT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{_released()}+{digest.hexdigest()[:12]}"


def _released() -> str:
    try:
        return version("ytempire")
    except PackageNotFoundError:
        return "0"
