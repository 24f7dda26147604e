"""The small files in a home's `run` folder by which processes of one stack, and monitors outside it, find and judge each other."""

import json
from pathlib import Path

WATCHDOG = "watchdog"


def stack_note(home: Path) -> Path:
    """Return the file that tells a second command how to join the running stack of a home."""
    return home / "run" / "stack.json"


def stack_of(home: Path) -> dict[str, object] | None:
    """Return what the note of a home's running stack says: its door, its pid, where its services are. None without a note."""
    try:
        found: dict[str, object] = json.loads(stack_note(home).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found


def signal_file(home: Path) -> Path:
    """Return the file whose time moves while the watchdog of a home can vouch for it."""
    return home / "run" / f"{WATCHDOG}.signal"


def alive_file(home: Path) -> Path:
    """Return the file whose time moves while the watchdog of a home turns, whatever it finds."""
    return home / "run" / f"{WATCHDOG}.alive"
