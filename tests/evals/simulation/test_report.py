"""The report: uptime by the minute, recovery from the end of a fault, what came on time."""

import pytest

from evals.simulation.faults import Fault
from evals.simulation.report import Meter, counted, why


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


@pytest.mark.parametrize(
    ("status", "note", "word"),
    [
        ("missed", "too little time is left to make it; held back by: quota: no upload is left until 2026-11-02 08:00 UTC", "quota"),
        ("missed", "12 min late; held back by: the channel's queue is held until 2026-11-02 08:00 UTC: a strike", "held"),
        ("missed", "too little time is left to make it; held back by: budget: $0.10 are left and one video may cost $0.60", "budget"),
        ("missed", "nobody approved its video in time", "unanswered"),
        ("failed", "3 topics were refused in a row; the last: nothing new", "refused"),
        ("failed", "given up: stopped 14 times by disk_full", "trouble"),
        ("missed", "too little time is left to make it", "late"),
        ("failed", "nobody foresaw this", "failed"),
    ],
)
def test_why_a_video_did_not_come_is_told_in_a_word(status: str, note: str, word: str) -> None:
    assert why(status, note) == word


def test_a_provider_is_itself_again_with_the_first_attempt_that_it_does_not_turn_away() -> None:
    meter = Meter(ends_s=6000)
    meter.struck(Fault(100.0, "provider_outage", "youtube", duration_s=50.0))
    for tool, job, began_s, turned_away in (
        *(("upload_video", "j1", 110.0, True), ("upload_video", "j2", 120.0, True), ("write_text", "j3", 140.0, False)),
        *(
            ("upload_video", "j1", 155.0, True),
            ("upload_video", "j2", 160.0, False),
            ("upload_video", "j1", 190.0, False),
            ("upload_video", "j5", 900.0, False),
        ),
    ):
        meter.attempted(tool, job, began_s, turned_away)
    assert meter.recoveries == [10.0]


def test_a_provider_that_nobody_wanted_is_measured_from_the_first_wish_and_two_outages_from_the_end_of_the_last() -> None:
    meter = Meter(ends_s=6000)
    meter.struck(Fault(100.0, "provider_outage", "mail", duration_s=50.0))
    meter.attempted("send_message", "j1", 120.0, True)
    meter.struck(Fault(160.0, "rate_storm", "mail", duration_s=50.0))
    meter.attempted("send_message", "j1", 170.0, True)
    meter.attempted("send_message", "j1", 212.0, False)
    meter.struck(Fault(1000.0, "provider_outage", "openai", duration_s=50.0))
    meter.attempted("write_text", "j2", 1500.0, True)
    meter.attempted("write_text", "j2", 1505.0, False)
    assert meter.recoveries == [2.0, 5.0]
