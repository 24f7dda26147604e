"""Decisions of the kernel that need no process: waits, verdicts, shares, authority."""

import statistics
from collections import Counter
from itertools import pairwise

import pytest

from infra.errors import Unavailable
from memory.ledger import BudgetExceeded
from memory.media import ArtifactCorrupt
from memory.repositories.switches import Stopped
from tools.allowlist import ALLOWED, ToolDenied, ensure_allowed
from tools.base import ToolError, ToolRetry
from tools.dispatch_fair import FairShare
from tools.registry import TOOLS, Registry, UnknownTool
from tools.worker_faults import backoff_s, judge
from tools.worker_process import is_running, kill_verified, this_worker


@pytest.mark.parametrize(("failures", "ceiling"), [(0, 1.0), (3, 8.0), (20, 45.0)])
def test_waits_are_spread_evenly_below_the_ceiling(failures: int, ceiling: float) -> None:
    waits = [backoff_s(f"job_{number}", failures) for number in range(1000)]
    assert min(waits) >= 0
    assert max(waits) <= ceiling
    assert statistics.mean(waits) == pytest.approx(ceiling / 2, rel=0.1)
    tenths = Counter(min(9, int(10 * wait / ceiling)) for wait in waits)
    assert all(60 <= tenths[tenth] <= 140 for tenth in range(10))


def test_the_same_failure_of_the_same_job_waits_the_same_when_replayed() -> None:
    assert backoff_s("job_a", 2) == backoff_s("job_a", 2)
    assert backoff_s("job_a", 2) != backoff_s("job_b", 2)


def test_the_wait_that_the_other_side_named_is_kept() -> None:
    verdict = judge(ToolRetry("busy", after_s=42.0), "job_a", 0)
    assert verdict.retry_in_s == 42.0


@pytest.mark.parametrize("error", [ToolRetry("busy"), Unavailable("down")])
def test_passing_faults_are_tried_again(error: Exception) -> None:
    assert judge(error, "job_a", 0).retry_in_s is not None


@pytest.mark.parametrize("error", [Stopped("all is stopped by ada"), *(BudgetExceeded("full", scope=scope) for scope in ("day", "provider", "channel_day"))])
def test_what_an_operator_or_a_budget_that_refills_holds_back_waits_at_no_cost(error: Exception) -> None:
    verdict = judge(error, "job_a", 0)
    assert verdict.retry_in_s is not None
    assert 5 <= verdict.retry_in_s <= 61
    assert verdict.cost == 0


@pytest.mark.parametrize("scope", ["call", "run", "video", "channel", "tenant", "kind"])
def test_a_budget_that_does_not_refill_buries_the_job(scope: str) -> None:
    assert judge(BudgetExceeded("full", scope=scope), "job_a", 0).retry_in_s is None


@pytest.mark.parametrize("error", [ToolError("no", limit=3), ArtifactCorrupt("broken"), ValueError("bug"), KeyError("bug")])
def test_everything_else_is_buried(error: Exception) -> None:
    assert judge(error, "job_a", 0).retry_in_s is None


def test_only_an_error_that_nobody_foresaw_is_a_bug() -> None:
    assert judge(ZeroDivisionError("oops"), "job_a", 0).is_bug
    assert not judge(ToolError("no"), "job_a", 0).is_bug


def test_shares_follow_the_weights_while_all_wait() -> None:
    share = FairShare()
    assert Counter(share.next((10, 5, 1)) for _ in range(1600)) == {10: 1000, 5: 500, 1: 100}


def test_normal_work_never_waits_longer_than_sixteen_turns() -> None:
    share = FairShare()
    served = [share.next((10, 5, 1)) for _ in range(500)]
    places = [place for place, weight in enumerate(served) if weight == 1]
    assert max(later - earlier for earlier, later in pairwise(places)) <= 16


def test_a_lone_class_gets_every_turn() -> None:
    share = FairShare()
    assert {share.next((1,)) for _ in range(20)} == {1}


def test_an_agent_reaches_its_own_tools_only() -> None:
    ensure_allowed("scriptwriter", "write_text")
    with pytest.raises(ToolDenied):
        ensure_allowed("scriptwriter", "publish_to_library")
    with pytest.raises(ToolDenied):
        ensure_allowed("nobody", "write_text")


def test_every_registered_tool_is_allowed_to_somebody_and_every_allowed_tool_exists() -> None:
    assert {spec.name for spec in TOOLS} == frozenset[str]().union(*ALLOWED.values())


def test_an_unregistered_tool_is_not_found() -> None:
    with pytest.raises(UnknownTool, match="no_such_tool"):
        Registry().get("no_such_tool")


def test_a_recycled_pid_is_not_mistaken_for_the_worker() -> None:
    me = this_worker("io")
    assert is_running(me.pid, me.process_started)
    assert not is_running(me.pid, me.process_started - 100)
    assert not kill_verified(me.pid, me.process_started - 100)
