"""`ytempire incidents`, `notices` and `messages` on a real stack, good input and bad."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import build
from api.stack import Stack
from infra.database import Database
from infra.settings import load_settings
from memory.repositories.incidents import IncidentRepository


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack without workers that the commands of this module join."""
    with tempfile.TemporaryDirectory(prefix="ytempire-incidents-") as folder, pytest.MonkeyPatch.context() as patched:
        Path(folder).chmod(0o711)
        told = {"YTEMPIRE_HOME": folder, "YTEMPIRE_NETWORK": "off"} | {f"YTEMPIRE_WORKERS_{queue}": "0" for queue in ("IO", "CPU", "GPU", "PUBLISH")}
        for name, value in told.items():
            patched.setenv(name, value)
        with Stack(load_settings()) as running:
            yield running


def ytempire(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(build(), [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@pytest.mark.slow
def test_an_incident_is_listed_shown_and_resolved_and_its_message_is_kept(stack: Stack) -> None:
    database = Database(stack.urls.database, pool_size=1)
    with database.unit_of_work() as session:
        incident = IncidentRepository(session).open("k", "copyright_strike", "critical", "a strike", signal="an inbound notice", confidence=0.9).id
    database.dispose()
    assert [one["id"] for one in ytempire("incidents", "list")["incidents"]] == [incident]
    ytempire("incidents", "acknowledge", incident, "--note", "seen")
    shown = ytempire("incidents", "resolve", incident, "--note", "settled")
    assert (shown["status"], shown["confidence"], [one["what"] for one in shown["timeline"]]) == ("resolved", 0.9, ["opened", "acknowledged", "resolved"])
    assert ytempire("incidents", "list")["incidents"] == []
    (message,) = ytempire("messages", "list")["messages"]
    assert (message["severity"], message["deliveries"]) == ("critical", [])
    assert "a strike" in CliRunner().invoke(build(), ["incidents", "show", incident]).stdout


@pytest.mark.slow
def test_a_notice_is_handed_in_once_from_a_file(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "notice.txt"
    file.write_text("Your channel received a copyright strike for https://youtu.be/abcdefghijk", "utf-8")
    first, again = ytempire("notices", "add", str(file)), ytempire("notices", "add", str(file))
    assert (first["kind"], first["new"], again["new"]) == ("strike", True, False)
    assert [one["id"] for one in ytempire("notices", "list")["notices"]] == [first["id"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("incidents", "show", "nowhere"), "incident: 'nowhere' does not exist"),
        (("incidents", "list", "--status", "odd"), "give open, acknowledged, resolved or all"),
        (("notices", "add", "/nonexistent"), "give a mail or a text"),
        (("notices", "add", "/dev/null"), "no file"),
        (("messages", "retry", "nowhere"), "message: 'nowhere' does not exist"),
    ],
)
def test_bad_input_is_refused_with_what_to_give(stack: Stack, arguments: tuple[str, ...], named: str) -> None:
    done = CliRunner().invoke(build(), list(arguments))
    assert (done.exit_code, named in done.stderr) == (2, True), done.output
