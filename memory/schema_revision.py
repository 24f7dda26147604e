"""The revision that this code brings a database to, found without the library that migrates: most processes only compare it."""

import re
from functools import cache
from importlib.resources import files

from infra.errors import Unavailable

_TOLD = re.compile(r'^(revision|down_revision)\b[^=]*= "(\w+)"$', re.MULTILINE)


class SchemaBusy(Unavailable):
    """Another session holds a lock that the migration needs."""

    code = "schema_busy"


@cache
def newest_revision() -> str:
    """Return the revision that no other one follows."""
    told: list[dict[str, str]] = [
        dict(_TOLD.findall(one.read_text("utf-8"))) for one in (files("memory") / "migrations" / "versions").iterdir() if one.name.endswith(".py")
    ]
    followed = {one.get("down_revision") for one in told}
    (newest,) = {one["revision"] for one in told if "revision" in one} - followed
    return newest
