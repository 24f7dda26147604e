"""What the newest probe of every provider found: one small file in the studio's home, so that a run can be refused before anything is started.

A file and no table: it is replaced as a whole by each `ytempire doctor --live`, and the home is where the keys' `.env` is read beside.
"""

import json
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from infra.files import write_private


class Probe(BaseModel):
    """One question to one provider. `configured` is a tag of key and address, from which neither can be told; `fix` is for a person."""

    model_config = ConfigDict(frozen=True)

    provider: str
    subject: str = ""
    ok: bool
    ms: int
    said: str
    trouble: str = ""
    fix: str = ""
    configured: str = ""
    at: datetime

    @property
    def name(self) -> str:
        """The provider and of what it was asked."""
        return f"{self.provider} {self.subject}".strip()


_PROBES = TypeAdapter(tuple[Probe, ...])


def read_probes(home: Path) -> dict[str, Probe]:
    """Return the newest probes by name; none when there was no probe, or its file cannot be read."""
    try:
        return {probe.name: probe for probe in _PROBES.validate_json(_file(home).read_bytes())}
    except (OSError, ValidationError):
        return {}


def save_probes(home: Path, probes: tuple[Probe, ...]) -> None:
    """Replace what is known by these probes."""
    home.mkdir(parents=True, exist_ok=True)
    write_private(_file(home), json.dumps(_PROBES.dump_python(probes, mode="json"), indent=1) + "\n")


def _file(home: Path) -> Path:
    return home / "probes.json"
