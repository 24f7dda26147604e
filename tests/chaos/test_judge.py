"""The judge of chaos sees what must never be: a second video, a call paid for twice, a request that nobody booked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evals.chaos_judge import Found, judge_answers, judge_calls, judge_quota, judge_uploads
from evals.chaos_stage import Request
from memory.media import MediaStore
from memory.records.costs import CostEntryRecord

BEGAN = datetime(2026, 11, 1, 20, tzinfo=UTC)


def sent(at_s: float, sha256: str, service: str = "openai", method: str = "POST", path: str = "/chat/completions") -> Request:
    return Request(BEGAN + timedelta(seconds=at_s), service, method, path, "", "", sha256, 200, None)


def booked(entry_id: str, status: str, call_key: str = "call", **about: object) -> CostEntryRecord:
    at = BEGAN + timedelta(seconds=int(entry_id))
    return CostEntryRecord(id=entry_id, provider="openai", operation="write", status=status, call_key=call_key, created_at=at, **{"outcome": "", **about})


def payments(requests: list[Request], costs: list[CostEntryRecord]) -> Found:
    found = Found()
    judge_calls(requests, costs, found)
    return found


def test_a_repeat_beside_an_unknown_outcome_is_unknown_and_no_broken_promise() -> None:
    found = payments([sent(1, "a"), sent(2, "a")], [booked("1", "unknown"), booked("2", "settled", answer="d")])
    assert (found.unknown, found.repaid, found.problems) == (1, 0, [])


@pytest.mark.parametrize(
    ("requests", "costs", "said"),
    [
        ([sent(1, "a"), sent(2, "a")], [booked("1", "settled"), booked("2", "settled")], "1 repeats, 0 booked as unknown"),
        ([sent(1, "a"), sent(2, "b")], [booked("1", "settled")], "2 requests, 1 booked"),
        ([], [booked("1", "reserved")], "left reserved"),
    ],
)
def test_a_request_that_was_paid_for_twice_or_booked_by_nobody_is_seen(requests: list[Request], costs: list[CostEntryRecord], said: str) -> None:
    assert said in " ".join(payments(requests, costs).problems)


def test_a_call_with_two_answers_and_one_made_again_although_its_answer_was_stored_are_repaid(tmp_path: Path) -> None:
    MediaStore(tmp_path / "media").put_bytes(b'{"artifacts":[],"entry":"1","microusd":3}')
    twice, stored = Found(), Found()
    judge_answers(tmp_path / "media", [booked("1", "settled", answer="d"), booked("2", "settled", answer="e")], twice)
    judge_answers(tmp_path / "media", [booked("1", "unknown"), booked("2", "settled", answer="e")], stored)
    assert (twice.repaid, stored.repaid) == (1, 1)
    assert "was answered 2 times" in twice.problems[0]
    assert "was stored, and the call made again" in stored.problems[0]


def test_a_second_video_and_quota_that_nobody_booked_are_seen() -> None:
    found = Found()
    judge_uploads(["A film.\n\nReference: abc", "A film.\n\nReference: abc"], 1, found)
    assert found.duplicates == 1
    update = sent(1, "a", "youtube", "PUT", "/youtube/v3/videos")
    judge_quota([update, update], {"units": 50}, found)
    assert "youtube: 100 of units spent, 50 booked" in found.problems[-1]
