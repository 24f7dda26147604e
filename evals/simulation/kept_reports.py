"""A file of reports, one line of JSON a seed: what a long series has behind it, so that an interrupted one goes on where it was."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.simulation.report import Report, played_code
from evals.simulation.world_play import Asked
from infra.errors import Invalid
from infra.ids import canonical_json


class KeptReports:
    """The reports in one file. Lines of other code, of another question, or cut off by a kill are left alone and count for nothing."""

    def __init__(self, path: Path) -> None:
        if path.is_dir():
            raise Invalid(f"--report {path}: it is a folder; name a file in it")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8"):
                pass
        except OSError as error:
            raise Invalid(f"--report {path}: it cannot be written ({error.strerror}); name a file that this user may write") from error
        self._path = path

    def known(self, asked: Sequence[Asked]) -> dict[int, Report]:
        """Return by seed what was found before, by this very code, for these questions."""
        wanted = {one.seed: one for one in asked}
        found: dict[int, Report] = {}
        for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
            values = _values(line)
            one = wanted.get(values.get("seed", -1))
            if one is not None and values.get("code") == played_code() and _answers(values, one):
                found[one.seed] = Report.model_validate(values)
        return found

    def add(self, report: Report) -> None:
        """Append a report as a line of its own, on the disk when this returns."""
        line = canonical_json(report.model_dump(mode="json")) + b"\n"
        with self._path.open("ab+") as file:
            if file.tell() and not self._path.read_bytes().endswith(b"\n"):
                line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def _values(line: str) -> dict[str, Any]:
    try:
        read = json.loads(line)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _answers(values: dict[str, Any], one: Asked) -> bool:
    return (values.get("hours"), values.get("channels"), values.get("level")) == (one.hours, one.channels, one.level)
