"""Several seeds: side by side, told as they end, gone on with after an interruption, and a failing one with the command that shows it again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from evals.simulation import telling
from evals.simulation.__main__ import main
from evals.simulation.kept_reports import KeptReports
from evals.simulation.report import Recovery, Report, played_code
from evals.simulation.series import Crash, play_all
from evals.simulation.world_play import Asked
from infra.settings import CHECKOUT

ASKED = [Asked(seed, 2, 1, "none") for seed in (1, 2, 3)]


def report(seed: int, *, kept: bool = True, **changes: Any) -> Report:
    about: dict[str, Any] = {
        **{"code": played_code(), "seed": seed, "hours": 2, "channels": 1, "level": "none", "starts": datetime(2026, 1, 1, tzinfo=UTC)},
        **{"wall_s": 1.0, "events": 9, "log_sha256": "0", "invariants": {"everything_ends": kept}, "violations": () if kept else ("a job is queued",)},
        **{"due": 1, "on_time": 1, "published": 1, "missed": {}, "duplicates": 0, "unapproved": 0, "lost": 0, "faults": {}, "plan": ()},
        **{"recovery_s": Recovery(p50=0, max=0), "unrecovered": 0, "uptime": 1.0, "signs_of_life": 1, "silences": (), "signs": {}},
    }
    return Report.model_validate(about | changes)


def script(body: str) -> Callable[[Asked], list[str]]:
    return lambda asked: [sys.executable, "-c", body, str(asked.seed), report(asked.seed).model_dump_json()]


def test_a_seed_whose_process_dies_is_told_and_hinders_no_other() -> None:
    body = "import sys; seed, told = sys.argv[1:]; sys.exit('no memory left') if seed == '2' else print(told)"
    found = {asked.seed: outcome for asked, outcome in play_all(ASKED, 2, script(body))}
    assert found == {1: report(1), 2: Crash(2, 1, ("no memory left",)), 3: report(3)}
    lines = telling.brief(ASKED[1], found[2])
    assert lines == ["seed 2: ENDED with code 1 and no report; again: ytempire simulate --hours 2 --channels 1 --seed 2 --faults none", "  no memory left"]


def test_as_many_seeds_are_played_at_a_time_as_jobs_were_given(tmp_path: Path) -> None:
    body = f"""
import sys, time, pathlib
here = pathlib.Path({str(tmp_path)!r}); (here / sys.argv[1]).touch()
limit = time.monotonic() + 10
while len(list(here.iterdir())) < 2 and time.monotonic() < limit: time.sleep(0.01)
print(sys.argv[2] if len(list(here.iterdir())) == 2 else "alone")
"""
    assert [outcome for _, outcome in play_all(ASKED[:2], 2, script(body)) if isinstance(outcome, Crash)] == []


def test_whoever_leaves_early_ends_what_is_under_way(tmp_path: Path) -> None:
    body = f"""
import os, sys, time, pathlib
if sys.argv[1] == "1": print(sys.argv[2]); sys.exit()
pathlib.Path({str(tmp_path)!r}, "pid").write_text(str(os.getpid())); time.sleep(60)
"""
    playing = play_all(ASKED[:2], 2, script(body))
    assert next(playing)[0].seed == 1
    limit = time.monotonic() + 10
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < limit
        time.sleep(0.01)
    playing.close()
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_reports_are_kept_for_the_same_question_and_the_same_code_only(tmp_path: Path) -> None:
    kept = KeptReports(tmp_path / "new" / "reports.jsonl")
    for one in (report(1), report(2, code="0" * 12), report(3, hours=3.0), report(9)):
        kept.add(one)
    assert kept.known(ASKED) == {1: report(1)}


def test_a_line_cut_off_by_a_kill_counts_for_nothing_and_spoils_no_other(tmp_path: Path) -> None:
    kept = KeptReports(tmp_path / "reports.jsonl")
    kept.add(report(1))
    whole = (tmp_path / "reports.jsonl").read_bytes()
    (tmp_path / "reports.jsonl").write_bytes(whole + whole[:40])
    assert kept.known(ASKED) == {1: report(1)}
    kept.add(report(2))
    assert kept.known(ASKED) == {1: report(1), 2: report(2)}


def test_seeds_in_the_report_are_not_played_again_and_a_failing_one_still_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = KeptReports(tmp_path / "reports.jsonl")
    for one in (report(1), report(2, kept=False), report(3)):
        kept.add(one)
    arguments = ["--hours", "2", "--channels", "1", "--faults", "none", "--report", str(tmp_path / "reports.jsonl")]
    assert main([*arguments, "--seeds", "3", "--json"]) == 1
    told = capsys.readouterr()
    assert [one["seed"] for one in json.loads(told.out)] == [1, 2, 3]
    assert "BROKEN: everything_ends; again: ytempire simulate --hours 2 --channels 1 --seed 2 --faults none\n  a job is queued\n" in told.err
    assert told.err.endswith("3 of 3 seeds: 2 kept every invariant; failed: 2\n")
    assert main([*arguments, "--seed", "2"]) == 1
    assert main([*arguments, "--seed", "3", "--seeds", "1"]) == 0


@pytest.mark.parametrize(("arguments", "field"), [(("--jobs", "0"), "--jobs"), (("--jobs", "65"), "--jobs"), (("--report", "/proc/none/x"), "--report")])
def test_what_cannot_be_done_is_refused_by_name(arguments: tuple[str, ...], field: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--json"]) == 2
    assert field in json.loads(capsys.readouterr().out)["error"]["message"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_an_interrupted_series_tells_what_it_has_leaves_nothing_and_goes_on(tmp_path: Path) -> None:
    file, command = tmp_path / "reports.jsonl", [str(Path(sys.executable).parent / "ytempire"), "simulate", "--hours", "1", "--channels", "1", "--json"]
    command += ["--faults", "none", "--seeds", "2", "--report", str(file)]
    env = {**os.environ, "YTEMPIRE_HOME": str(tmp_path / "home")}  # noqa: TID251 - handed on
    begun = subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    limit = time.monotonic() + 200
    while not file.exists() or not file.read_text():
        assert time.monotonic() < limit
        assert begun.poll() is None
        time.sleep(0.05)
    under_way = psutil.Process(begun.pid).children(recursive=True)
    begun.send_signal(signal.SIGTERM)
    told, _ = begun.communicate(timeout=60)
    assert begun.returncode == 130
    assert [one["seed"] for one in json.loads(told)] == [1]
    _, alive = psutil.wait_procs(under_way, timeout=20)
    assert alive == []
    again = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("known from the report") == 1
    assert [one["seed"] for one in json.loads(again.stdout)] == [1, 2]
    assert len(file.read_text().splitlines()) == 2
