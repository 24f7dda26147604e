"""`python -m evals.simulation`: a whole studio in its own process, twice the same, and refusals that name the field."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evals.simulation.__main__ import main
from infra.settings import CHECKOUT, load_settings

KEPT = (
    "accepted_never_lost",
    "results_never_change",
    "one_input_one_effect",
    "everything_ends",
    "within_budget_and_quota",
    "nothing_public_unapproved",
    "no_superseded_lease",
)


def simulate(home: Path, *arguments: str, hash_seed: str = "0", code: int = 0) -> Any:
    """Simulate in a fresh process and return its one line of JSON."""
    models = home / "cache" / "models"
    if not models.exists():
        models.parent.mkdir(parents=True, exist_ok=True)
        built = load_settings().cache_root / "models"
        built.mkdir(parents=True, exist_ok=True)
        models.symlink_to(built, target_is_directory=True)
    env = {**os.environ, "YTEMPIRE_HOME": str(home), "PYTHONHASHSEED": hash_seed}  # noqa: TID251 - handed on
    argv = [sys.executable, "-m", "evals.simulation", *arguments, "--json"]
    done = subprocess.run(argv, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr[-2000:] + done.stdout[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("--hours", "0"), "hours"),
        (("--hours", "100000"), "hours"),
        (("--channels", "0"), "channels"),
        (("--channels", "999"), "channels"),
        (("--faults", "some"), "--faults"),
        (("--seeds", "0"), "--seeds"),
        (("--seed", "-1"), "--seed"),
    ],
)
def test_what_cannot_be_simulated_is_refused_by_name(arguments: tuple[str, ...], field: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--json"]) == 2
    assert field in json.loads(capsys.readouterr().out)["error"]["message"]
    assert main([*arguments]) == 2
    assert field in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hostile_run_keeps_every_invariant_and_two_fresh_processes_play_it_to_the_same_log(tmp_path: Path) -> None:
    # Fresh ones, since a process that played before has filled its caches: what would be the same again there proves less.
    first, again = (simulate(tmp_path, "--hours", "6", "--channels", "3", "--seed", "2", "--faults", "hostile", hash_seed=seed) for seed in ("0", "77"))
    assert first["log_sha256"] == again["log_sha256"]
    assert {**first, "wall_s": 0} == {**again, "wall_s": 0}
    assert first["invariants"] == dict.fromkeys(KEPT, True), first["violations"]
    assert sum(first["faults"].values()) > 5
    assert first["uptime"] >= 0.95
    assert first["recovery_s"]["max"] <= 60
    assert first["unrecovered"] == 0
    assert "process.crashed" not in (tmp_path / "logs" / "simulation-2.log").read_text()


@pytest.mark.timeout(600)
def test_six_hours_of_three_channels_keep_every_invariant(tmp_path: Path) -> None:
    before = os.times()
    told = simulate(tmp_path, "--hours", "6", "--channels", "3", "--seed", "1", "--faults", "standard")
    after = os.times()
    # In processor time, since whoever else works on this machine is no part of it.
    took = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    assert took < 60, f"six hours of three channels took {took:.0f} s of processor time, and the suite affords a minute"
    assert told["invariants"] == dict.fromkeys(KEPT, True)
    assert (told["duplicates"], told["unapproved"], told["lost"]) == (0, 0, 0)
    assert told["published"] >= 1
    log = (tmp_path / "logs" / "simulation-1.log").read_text()
    assert len(log.splitlines()) == told["events"]


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_hostile_long_weekend_keeps_every_invariant(tmp_path: Path) -> None:
    # `make soak` plays the same for fifteen channels, thirty times.
    told = simulate(tmp_path, "--hours", "72", "--channels", "3", "--seed", "1", "--faults", "hostile")
    assert told["invariants"] == dict.fromkeys(KEPT, True)
    assert (told["duplicates"], told["unapproved"], told["lost"]) == (0, 0, 0)
    assert told["recovery_s"]["max"] <= 60
    assert told["uptime"] >= 0.95
