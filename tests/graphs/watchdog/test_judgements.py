"""Every check over a reading beyond its limit: it says so, with what follows and what to do, and asks for the acts that may heal it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from graphs.watchdog.findings import Judgement, Limits, Vitals
from graphs.watchdog.watchdog import judge, limits_of
from infra.errors import Invalid
from infra.settings import Settings
from memory.repositories.heartbeats import Pulse
from memory.repositories.workers import WorkerView
from memory.vitals import DeadLetters, Overdue, PendingApproval, QueueState, RunPulse, SessionState
from tests.fixtures.vitals import DATABASE, GB, NOW, REDIS, machine, unit, vitals, work

LIMITS = Limits()
HELD = RunPulse("run_1", "tide_lines", 2000.0, True, "here|4711|1.00|abc", False)
LOST = Overdue(3, 2000.0)


def session(state: str, transaction_s: float, state_s: float) -> SessionState:
    return SessionState(99, "", state, transaction_s, state_s)


def worker(silent_s: float, host: str = "here") -> WorkerView:
    return WorkerView("cpu-1", "cpu", host, 55, 1.0, "busy", "job_1", silent_s)


def pulse(silent_s: float = 1.0, stalled_s: float = 0.0, name: str = "watcher") -> Pulse:
    return Pulse(name, silent_s, stalled_s, 40.0, "check 12", {})


def crashes(count: int, ago_s: float) -> tuple[dict[str, float], ...]:
    return ({"code": -11.0, "ago_s": ago_s, "ran_s": 30.0},) * count


def of(found: tuple[Judgement, ...], name: str) -> Judgement:
    return next(one for one in found if one.name == name)


def test_a_healthy_studio_has_no_complaint_and_nothing_is_done_to_it() -> None:
    found = judge(vitals(), LIMITS)
    assert {one.status for one in found} == {"ok"}
    assert [act for one in found for act in one.acts] == []
    assert len(found) == len({one.name for one in found}) == 17


@pytest.mark.parametrize(
    ("name", "status", "said", "reading"),
    [
        ("runs", "critical", "its video would not come", vitals(work=work(runs=(HELD,)))),
        ("runs", "warning", "nobody works on it", vitals(work=work(runs=(replace(HELD, held=False),)))),
        ("runs", "ok", "all moving", vitals(work=work(runs=(replace(HELD, busy=True), replace(HELD, quiet_s=60.0))))),
        ("runs", "ok", "stopped by an operator", vitals(work=work(runs=(HELD,), stopped=("all",)))),
        ("approvals", "warning", "nothing of them is published", vitals(work=work(approvals=(PendingApproval("a", "r", "video", 300_000.0),)))),
        ("approvals", "warning", "will expire unpublished", vitals(work=work(approvals=(PendingApproval("a", "r", "video", 200_000.0),)))),
        ("queues", "critical", "no worker serves the queue", vitals(work=work(queues=(QueueState("cpu", 1, 90.0, 0, 0),)))),
        ("queues", "critical", "has waited for 50 min", vitals(work=work(queues=(QueueState("cpu", 1, 3000.0, 2, 2),)))),
        (
            "queues",
            "warning",
            "has waited for 50 min",
            vitals(work=work(queues=(QueueState("cpu", 1, 3000.0, 2, 2),), braked=frozenset({"tool:render_video"}))),
        ),
        ("queues", "warning", "only grows", vitals(work=work(queues=(QueueState("io", 40, 5.0, 4, 4),)), waiting_before={"io": (1, 5, 9, 20, 30)})),
        ("queues", "ok", "in time", vitals(work=work(queues=(QueueState("io", 40, 5.0, 4, 4),)), waiting_before={"io": (1, 5, 50, 20, 30)})),
        ("dead_letters", "warning", "within an hour", vitals(work=work(dead=DeadLetters(21, 0)))),
        ("dead_letters", "warning", "quarantined", vitals(work=work(dead=DeadLetters(0, 1)))),
        ("checks", "warning", "trouble would go unnoticed", vitals(work=work(checks=LOST))),
        ("autonomous_runs", "critical", "nothing of them is begun", vitals(work=work(wakes=LOST))),
        ("backup", "critical", "a lost disk would take", vitals(work=work(backup_age_s=90_000.0))),
        ("backup", "ok", "no backup was ever begun", vitals(work=work(backup_age_s=None))),
        ("messages", "critical", "the operator does not know", vitals(work=work(untold=LOST))),
        ("heartbeats", "critical", "was last heard of 200 s ago", vitals(machine=machine(units=(unit(),)), work=work(pulses=(pulse(200.0),)))),
        ("heartbeats", "critical", "worked on check 12", vitals(machine=machine(units=(unit(),)), work=work(pulses=(pulse(1.0, 2000.0),)))),
        ("heartbeats", "ok", "1 processes", vitals(machine=machine(units=(unit(up_s=5.0),)), work=work(pulses=(pulse(9e5, 9e5),)))),
        ("heartbeats", "ok", "0 processes", vitals(work=work(pulses=(pulse(9e5),)))),
        ("workers", "critical", "not heard of", vitals(work=work(workers=(worker(100.0),)))),
        ("workers", "warning", "not heard of", vitals(work=work(workers=(worker(100.0), worker(1.0))))),
        ("processes", "critical", "crashed 5 times", vitals(machine=machine(units=(unit(ends=crashes(5, 500.0)),)))),
        ("processes", "ok", "1 processes run", vitals(machine=machine(units=(unit(ends=crashes(5, 700.0)),)))),
        ("processes", "critical", "crashed 0 times", vitals(machine=machine(units=(unit(loops=True),)))),
        ("processes", "critical", "not started again", vitals(machine=machine(supervisor="no stack answers"))),
        ("processes", "warning", "stands stopped", vitals(machine=machine(units=(unit(stopped=True),)))),
        ("processes", "warning", "holds 1907 MB", vitals(machine=machine(units=(unit(rss_bytes=2 * GB),)))),
        ("memory", "critical", "kernel may kill", vitals(machine=machine(memory_available=GB // 10))),
        ("disk", "warning", "no new video is begun", vitals(machine=machine(disk_free=2 * GB))),
        ("disk", "critical", "begun or rendered", vitals(machine=machine(disk_free=GB // 2))),
        ("disk", "warning", "database's log has grown", vitals(machine=machine(wal_bytes=3 * GB))),
        ("disk", "warning", "<home>/logs has grown", vitals(machine=machine(log_bytes=3 * GB))),
        ("clock", "warning", "jumped by -3600 s", vitals(wall_jump_s=-3600.0)),
        ("clock", "warning", "is +60 s from", vitals(database=replace(DATABASE, now=NOW + timedelta(seconds=60)))),
        ("database", "critical", "does not answer (refused)", vitals(database=None, work=None, missed={"database": "refused"})),
        ("database", "warning", "a query took 9.0 s", vitals(database=replace(DATABASE, answered_s=9.0))),
        ("database", "warning", "75 of 80 connections", vitals(database=replace(DATABASE, connections=75))),
        ("transactions", "warning", "keep locks", vitals(database=replace(DATABASE, sessions=(session("idle in transaction", 300.0, 300.0),)))),
        ("transactions", "warning", "has been open for 33 min", vitals(database=replace(DATABASE, sessions=(session("active", 2000.0, 1.0),)))),
        ("redis", "critical", "no job reaches a worker", vitals(redis=None, missed={"redis": "refused"})),
        ("redis", "critical", "could not write", vitals(redis=replace(REDIS, written=False))),
        ("redis", "warning", "keeps no append-only file", vitals(redis=replace(REDIS, append_only=False))),
        ("redis", "warning", "will refuse new entries", vitals(redis=replace(REDIS, used_bytes=250 << 20))),
    ],
)
def test_each_check_says_what_is_beyond_its_limit(name: str, status: str, said: str, reading: Vitals) -> None:
    found = judge(reading, LIMITS)
    one = of(found, name)
    assert one.status == status
    assert said in one.said
    assert status == "ok" or one.fix
    assert {other.name for other in found if other.status != "ok"} <= {name}


def acts(reading: Vitals) -> list[tuple[str, str]]:
    return [(act.kind, act.target) for one in judge(reading, LIMITS) for act in one.acts]


def test_what_can_be_healed_is_asked_for() -> None:
    ours = machine(units=(unit(),))
    assert acts(vitals(work=work(runs=(HELD,)))) == [("restart", "runner:here|4711|1.00|abc")]
    assert acts(vitals(work=work(approvals=(PendingApproval("a", "r", "video", 300_000.0),)))) == [("expire_approval", "a")]
    assert acts(vitals(machine=ours, work=work(pulses=(pulse(200.0),)))) == [("restart", "4711")]
    assert acts(vitals(work=work(pulses=(pulse(200.0, name="elsewhere"),)))) == []
    assert acts(vitals(work=work(workers=(worker(200.0), worker(200.0, "other host"), worker(100.0))))) == [("kill_worker", "cpu-1")]
    assert acts(vitals(machine=machine(supervisor="silent", supervisor_pid=7))) == [("wake", "7")]
    assert acts(vitals(machine=machine(units=(unit(stopped=True),)))) == [("restart", "4711")]
    assert acts(vitals(database=replace(DATABASE, sessions=(session("idle in transaction (aborted)", 300.0, 300.0),)))) == [("end_session", "99")]


def test_a_full_disk_holds_back_first_what_begins_then_what_renders_and_lets_go_only_with_clear_room() -> None:
    launches, rendering = ("brake", "launches"), ("brake", "tool:render_video")
    assert acts(vitals(machine=machine(disk_free=2 * GB))) == [("prune_scratch", "scratch"), launches]
    assert acts(vitals(machine=machine(disk_free=GB // 2))) == [("prune_scratch", "scratch"), launches, rendering]
    braked = work(braked=frozenset({"launches", "tool:render_video", "tool:other"}))
    assert acts(vitals(machine=machine(disk_free=int(1.1 * GB)), work=braked)) == [("prune_scratch", "scratch"), launches, rendering]
    assert acts(vitals(machine=machine(disk_free=int(3.1 * GB)), work=braked)) == [("prune_scratch", "scratch"), launches, ("release", "tool:render_video")]
    assert acts(vitals(machine=machine(disk_free=50 * GB), work=braked)) == [("release", "launches"), ("release", "tool:render_video")]


def test_what_cannot_be_read_is_not_judged() -> None:
    nothing = vitals(machine=None, database=None, redis=None, work=None, missed={"database": "gone", "redis": "gone", "machine": "gone"})
    assert {one.name: one.status for one in judge(nothing, LIMITS)} == {"database": "critical", "redis": "critical", "clock": "ok"}


def test_the_marks_of_the_disk_must_stand_the_right_way_round(settings: Settings) -> None:
    assert limits_of(settings.model_copy(update={"approval_expires_h": 2.0})).approval_s == 7200
    with pytest.raises(Invalid, match="YTEMPIRE_DISK_LOW_WATER_MB: 5000 lies above YTEMPIRE_DISK_HIGH_WATER_MB=3000"):
        limits_of(settings.model_copy(update={"disk_low_water_mb": 5000}))
