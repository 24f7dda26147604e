"""`ytempire stop`, `ytempire switch` and `ytempire costs` on a real stack."""

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
from infra.settings import Settings, load_settings
from memory.ledger import Charge, Ledger, Limits
from memory.repositories.circuits import Circuit, CircuitRepository


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack without workers that the commands of this module join."""
    with tempfile.TemporaryDirectory(prefix="ytempire-switch-") as folder, pytest.MonkeyPatch.context() as patched:
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
def test_what_is_stopped_is_listed_until_it_is_released(stack: Stack) -> None:
    (stopped,) = ytempire("stop", "provider:openai", "--reason", "the bill looks wrong")["stopped"]
    assert (stopped["scope"], stopped["reason"], stopped["by"]) == ("provider:openai", "the bill looks wrong", "operator")
    assert ytempire("switch", "list")["stopped"] == [stopped]
    assert (stack.settings.home / "operator.token").stat().st_mode & 0o777 == 0o600
    (stack.settings.home / "operator.token").rename(stack.settings.home / "elsewhere")
    refused = CliRunner().invoke(build(), ["switch", "release", "provider:openai", "--reason", "I may not"])
    assert (refused.exit_code, "no operator's" in refused.stderr) == (2, True)
    (stack.settings.home / "elsewhere").rename(stack.settings.home / "operator.token")
    assert ytempire("switch", "release", "provider:openai", "--reason", "it was right")["stopped"] == []


@pytest.mark.slow
def test_the_costs_are_told_by_every_grouping(stack: Stack, settings: Settings) -> None:
    assert settings.network == "off"
    database = Database(stack.urls.database, pool_size=1)
    with database.unit_of_work() as session:
        ledger = Ledger(session)
        ledger.settle(ledger.reserve(Charge(provider="openai", operation="write", microusd=900, run_id="r", kind="llm"), Limits(run=1_000)).id, 250)
        lost = ledger.reserve(Charge(provider="elevenlabs", operation="speech", microusd=50_000, run_id="r", kind="voice"), Limits())
        ledger.mark_unknown(lost.id, "lost")
        CircuitRepository(session).note_wait(Circuit("elevenlabs", "speech", ""), 60)
    database.dispose()
    report = ytempire("costs")
    assert report["total"] == {
        "key": "total",
        "booked_usd": 0.00025,
        "reserved_usd": 0.0,
        "unknown_usd": 0.05,
        "calls": 2,
        "unknown_calls": 1,
        "failed_calls": 0,
    }
    assert {row["key"] for row in report["by_provider"]} == {"openai", "elevenlabs"}
    assert [one["provider"] for one in report["unknown"]] == ["elevenlabs"]
    assert sorted(one["percent"] for one in report["alerts"]) == [50, 80]
    assert [(one["provider"], one["state"]) for one in report["held_back"]] == [("elevenlabs", "closed")]
    told = CliRunner().invoke(build(), ["costs", "--by", "kind"])
    assert all(word in told.stdout for word in ("llm", "voice", "0.0500", "80% of $0.00", "run r", "held back until"))


@pytest.mark.parametrize(("option", "value"), [("--by", "colour"), ("--since", "yesterday")])
def test_a_report_that_cannot_be_made_is_refused_before_anything_starts(option: str, value: str) -> None:
    done = CliRunner().invoke(build(), ["costs", option, value])
    assert (done.exit_code, value in done.stderr) == (2, True)
