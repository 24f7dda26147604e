"""The report: uptime by the minute, recovery from the end of a fault, what came on time."""

from evals.simulation.faults import Fault
from evals.simulation.report import Meter, counted


def minutes(meter: Meter, parts: tuple[str, ...], spans: tuple[range, ...]) -> None:
    for span in spans:
        for minute in span:
            for part in parts:
                meter.turned(part, minute * 60 + 30.0)


def test_a_minute_counts_when_every_part_of_the_control_plane_had_a_turn() -> None:
    meter = Meter(ends_s=600)
    minutes(meter, ("dispatcher", "conductor"), (range(0, 4), range(6, 10)))
    minutes(meter, ("dispatcher",), (range(4, 6),))
    assert meter.uptime == 0.8


def test_recovery_runs_from_the_end_of_a_fault_to_the_next_turn_of_its_part() -> None:
    meter = Meter(ends_s=600)
    meter.struck(Fault(100.0, "postgres_kill", duration_s=10.0))
    meter.died("worker-cpu-1", 200.0)
    meter.struck(Fault(300.0, "hostile_source"))
    meter.turned("dispatcher", 105.0)
    meter.turned("dispatcher", 114.0)
    meter.turned("worker-io-1", 201.0)
    assert meter.unrecovered == 1
    meter.turned("worker-cpu-1", 230.0)
    assert (meter.recovery.p50, meter.recovery.max, meter.unrecovered) == (17.0, 30.0, 0)


def test_faults_are_counted_by_kind() -> None:
    assert counted((Fault(1, "claim", "a"), Fault(2, "worker_kill", "io"), Fault(3, "claim", "b"))) == {"claim": 2, "worker_kill": 1}
