"""What a soak draws and how it judges growth: figures alone."""

from dataclasses import replace

import pytest

from evals.soak_faults import CUT, RUNNER, Fault, Strike, draw_faults, recoveries, targets_of
from evals.soak_samples import Sample, growing, per_video, slope, trend

FLAT = Sample(0.0, 30, 1000.0, 900, 25, 9, {"jobs": 100, "runs": 4}, {"media": 50.0, "logs": 1.0}, 4, 10.0)


def soaked(memory: list[float]) -> list[Sample]:
    return [replace(FLAT, at_s=10.0 * number, memory_mb=value) for number, value in enumerate(memory)]


TARGETS = targets_of(["worker-io-1", "worker-io-2", "worker-cpu-1", "postgres", "redis", "dispatch", "watchdog"])


def test_the_same_seed_draws_the_same_faults_and_every_kind_comes_before_any_comes_again() -> None:
    assert TARGETS == ("dispatch", "postgres", "redis", "watchdog", "worker-cpu", "worker-io")
    faults = draw_faults(3, TARGETS, (300.0, 3000.0))
    assert faults == draw_faults(3, TARGETS, (300.0, 3000.0)) != draw_faults(4, TARGETS, (300.0, 3000.0))
    wanted = {("kill", name) for name in (*TARGETS, RUNNER)} | {("stop", name) for name in TARGETS} | {("cut", name) for name in CUT}
    assert {(fault.kind, fault.target) for fault in faults[: len(wanted)]} == wanted
    assert all(300.0 <= fault.at_s < 3000.0 for fault in faults)
    assert all(3.0 <= fault.stop_s <= 40.0 for fault in faults if fault.kind == "stop")
    assert len(draw_faults(3, TARGETS, (0.0, 60.0), pace=0.1)) > len(draw_faults(3, TARGETS, (0.0, 60.0)))


def test_memory_that_rises_and_falls_has_not_grown_and_memory_that_creeps_has() -> None:
    waves = trend(soaked([1000.0, 1400.0] * 20), "memory_mb", 50.0)
    assert not waves.grew
    peaks = trend(soaked([1000.0 + 900.0 * (number % 7 == 0) for number in range(60)]), "memory_mb", 50.0)
    assert (peaks.grew, peaks.per_hour) == (False, 0.0)
    creeping = trend(soaked([1000.0 + 5.0 * number + 100.0 * (number % 3) for number in range(60)]), "memory_mb", 50.0)
    assert creeping.grew
    assert creeping.per_hour == pytest.approx(1800.0, rel=0.05)
    assert not trend(soaked([1000.0, 5000.0]), "memory_mb", 0.0).grew


def test_a_slope_is_the_median_of_all() -> None:
    assert slope([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 90.0)]) == pytest.approx(1.0, abs=30.0)
    assert slope([(0.0, 5.0)]) == 0.0


def test_what_one_video_adds_and_what_grows_at_rest() -> None:
    later = replace(FLAT, at_s=100.0, rows={"jobs": 160, "runs": 6}, disk_mb={"media": 70.0, "logs": 1.0}, published=6)
    assert per_video([FLAT, later], 0.0) == {"videos": 2, "rows": 31.0, "disk_mb": 10.0}
    assert per_video([FLAT, FLAT], 0.0) == {}
    assert growing({"jobs": 1, "runs": 2}, {"jobs": 1, "runs": 3, "new": 1}) == {"runs": 1, "new": 1}


def test_a_fault_that_found_nothing_to_hit_counts_as_no_recovery() -> None:
    fault = Fault(1.0, "stop", "redis", 4.0)
    missed, healed, lasting = (Strike(fault, 1.0, hit, recovery_s) for hit, recovery_s in ((False, 0.0), (True, 2.0), (True, None)))
    assert recoveries([missed, healed, lasting]) == [2.0]
    assert lasting.told() == {"at_s": 1, "kind": "stop", "target": "redis", "stop_s": 4.0, "hit": True, "recovery_s": None}
