"""Manners: spacing, silence on request, and noticing that there is no network."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.fixtures.sources import FixedClock
from tools.fetch_guard import SourceUnreachable
from tools.fetch_pace import HostPacer, NetworkWatch, RateLimited


def test_requests_to_one_host_are_spaced_and_other_hosts_do_not_wait() -> None:
    slow = HostPacer(interval_s=60)
    started = time.monotonic()
    for host in ("a.example", "b.example", "c.example"):
        slow.enter(host, started + 30)
        slow.leave(host)
    assert time.monotonic() - started < 30
    quick = HostPacer(interval_s=0.1)
    started = time.monotonic()
    for _ in range(2):
        quick.enter("a.example", started + 30)
        quick.leave("a.example")
    assert time.monotonic() - started >= 0.1


def test_at_most_two_requests_run_at_one_host() -> None:
    pacer = HostPacer(interval_s=0.0)
    deadline = time.monotonic() + 0.1
    pacer.enter("a.example", deadline)
    pacer.enter("a.example", deadline)
    with pytest.raises(SourceUnreachable, match="no turn"):
        pacer.enter("a.example", deadline)


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("0", 0), ("nonsense", 30), ("999999", 3600)])
def test_retry_after_is_read_in_seconds_with_bounds(header: str, seconds: float) -> None:
    assert HostPacer().silence("a.example", header) == seconds


def test_retry_after_is_read_as_a_date() -> None:
    clock = FixedClock(datetime(2026, 11, 21, 20, 0, tzinfo=UTC))
    pacer = HostPacer(clock=clock)
    assert pacer.silence("a.example", format_datetime(clock.now() + timedelta(seconds=90), usegmt=True)) == pytest.approx(90)
    with pytest.raises(RateLimited):
        pacer.check("a.example")


def test_one_success_clears_the_suspicion_of_no_network() -> None:
    watch = NetworkWatch(hosts=2)
    watch.missed("a.example")
    watch.missed("b.example")
    assert watch.down
    watch.reached()
    watch.missed("c.example")
    watch.missed("d.example")
    assert not watch.down


def test_one_dead_host_asked_again_and_again_is_no_sign_of_a_dead_network() -> None:
    watch = NetworkWatch(hosts=2)
    for _ in range(5):
        watch.missed("a.example")
    assert not watch.down
