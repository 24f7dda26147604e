"""The log of a process: a line where there is room for one, and never the end of the process."""

import io
import json
import sys

import pytest

from infra.log import configure_logging, get_logger


def test_a_line_is_one_object_and_one_without_room_is_dropped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    get_logger("disk").info("room.found", free=1)
    assert json.loads(capsys.readouterr().err)["event"] == "room.found"
    with open("/dev/full", "wb", buffering=0) as disk:
        full = io.TextIOWrapper(disk, write_through=True)
        monkeypatch.setattr(sys, "stderr", full)
        configure_logging()
        get_logger("disk").error("room.missed", free=0)
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space left"):
            full.write("so it is full")
        full.detach()
