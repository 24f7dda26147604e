"""What a production needs of a studio, for whoever looks before one begins: queues that are served, room on the disk, and a caller of tools."""

from pathlib import Path
from typing import Protocol

from infra.database import Database
from infra.settings import Settings
from tools.call import ToolCaller

NEEDED_QUEUES = frozenset({"io", "cpu", "publish"})
# Measured: database 50 MB, models and compiled loops 150 MB; stills, narration, segments and film 2.4 MB a second.
_FIRST_BYTES, _LATER_BYTES, _BYTES_PER_SECOND = 300_000_000, 100_000_000, 2_500_000


class Caller(Protocol):
    """What asking outside needs: settings, the studio's rows and the caller of tools."""

    @property
    def settings(self) -> Settings:
        """The settings of a running stack."""
        ...

    @property
    def database(self) -> Database:
        """The studio's database."""
        ...

    @property
    def caller(self) -> ToolCaller:
        """The caller of tools."""
        ...


def room_for(home: Path, seconds: int) -> int:
    """Return the bytes that making a video takes in the home, with its parts; the first one also makes the database and the models ready."""
    first = not (home / "cache" / "models").is_dir()
    return (_FIRST_BYTES if first else _LATER_BYTES) + seconds * _BYTES_PER_SECOND
