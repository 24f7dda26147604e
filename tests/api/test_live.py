"""The live view: what a stranger reads while a video is made, each thing once."""

from dataclasses import replace
from datetime import UTC, datetime

from api.live import FELL_BACK, Seen, news, time_left_s
from memory.artifacts import Decision
from memory.repositories.jobs import JobView

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RENDER = JobView(
    id="job_1", run_id="run_1", node="render", iteration=0, ordinal=0, agent="production", tool="render_video", queue="cpu", priority=1, state="running",
    attempts=1, failures=0, kills=0, completions=0, progress=0.0, progress_note="", result=None, error=None, created_at=NOW, started_at=NOW, finished_at=None,
)  # fmt: skip


def test_a_stage_is_told_when_it_begins_and_rendering_at_every_tenth() -> None:
    seen, told = Seen(), []
    for share in (0.0, 0.04, 0.11, 0.14, 0.52):
        seen.jobs = (replace(RENDER, progress=share, progress_note="segments"),)
        told += news(seen)
    assert told == ["production: render video ...", "production: render video 10 % segments", "production: render video 50 % segments"]


def test_decisions_about_single_shots_are_left_to_the_file() -> None:
    questions = ("What is seen from 0.0 s to 4.1 s?", "What could the thumbnail say?", "Which title?")
    seen = Seen(decisions=tuple(Decision(agent="scriptwriter", question=one, choice="this", reasons=("why",)) for one in questions))
    assert news(seen) == ["scriptwriter: Which title? -> this (why)"]
    assert news(seen) == []


def test_the_fall_back_to_the_demo_corpus_is_told_once() -> None:
    seen = Seen(fell_back_to_demo=True)
    assert (news(seen), news(seen)) == ([FELL_BACK], [])


def test_a_job_that_died_is_told_with_its_cause() -> None:
    seen = Seen(jobs=(replace(RENDER, state="dead", error={"message": "no room on the disk"}),))
    assert news(seen) == ["render video failed: no room on the disk"]


def test_the_time_left_follows_the_furthest_stage() -> None:
    assert time_left_s((), 10.0) is None
    half = time_left_s((replace(RENDER, progress=0.5),), 60.0)
    assert half is not None
    assert 20 < half < 60
