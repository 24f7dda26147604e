"""`ytempire trends` on a real stack: nothing known, and a topic with its series and forecast."""

import json
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import build
from api.commands.trends import NOTHING, sparkline
from api.stack import Stack
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.settings import load_settings
from memory.artifacts import Provenance, TrendSignal
from memory.attention import Outlook, OutlookPoint, SeenStory
from memory.repositories.channels import ChannelRepository
from memory.trend_history import Measured, TrendHistory


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack without workers that the commands of this module join."""
    with tempfile.TemporaryDirectory(prefix="ytempire-trends-") as folder, pytest.MonkeyPatch.context() as patched:
        Path(folder).chmod(0o711)
        told = {"YTEMPIRE_HOME": folder, "YTEMPIRE_NETWORK": "off"} | {f"YTEMPIRE_WORKERS_{queue}": "0" for queue in ("IO", "CPU", "GPU", "PUBLISH")}
        for name, value in told.items():
            patched.setenv(name, value)
        with Stack(load_settings()) as running:
            yield running


def ytempire(*arguments: str) -> str:
    done = CliRunner().invoke(build(), ["trends", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def known(stack: Stack) -> str:
    """Leave one topic, seen twice, with a forecast."""
    now = SYSTEM_CLOCK.now()
    signal = TrendSignal(source_id="a", source_name="A Wire", kind="feed", category="space", title="The Moon", url="https://a.example/1", seen_at=now)
    story = SeenStory(title="The Moon", category="space", keywords=("Moon",), signals=(signal,), vector=(1.0, *[0.0] * 383))
    told = {"series": "wikipedia.views en:Moon", "source": "Wikipedia readers of “Moon”", "unit": "readers a day", "length": 120, "made_at": now}
    ahead = OutlookPoint(at=now + timedelta(days=2), value=1500, low=900, high=2100)
    outlook = Outlook.model_validate(
        {**told, "method": "theta", "verdict": "skill", "statement": "20% less error than “last value”", "growth": 0.5, "peak_at": ahead.at, "points": [ahead]}
    )
    database = Database(stack.urls.database, pool_size=1)
    with database.unit_of_work() as session:
        ChannelRepository(session).ensure("one", "deep-orbit", "One")
        history = TrendHistory(session, "one", Provenance.REAL)
        for hours in (6, 0):
            tracked = history.track((story,), ((Measured("attention space", "weighted sightings", 4.0 - hours / 3),),), now - timedelta(hours=hours), {})
        history.conclude(tracked.joined[0].topic_id, {"total": 0.61, "momentum": 0.8}, outlook)
    database.dispose()
    return tracked.joined[0].topic_id


@pytest.mark.slow
def test_the_verb_tells_what_is_known_and_says_when_nothing_is(stack: Stack) -> None:
    nothing: dict[str, Any] = json.loads(ytempire("--json").strip().splitlines()[-1])
    assert (nothing["topics"], nothing["note"]) == ([], NOTHING)
    assert NOTHING in ytempire()
    topic_id = known(stack)
    (topic,) = json.loads(ytempire("--json").strip().splitlines()[-1])["topics"]
    assert (topic["topic_id"], topic["scores"]["total"], topic["forecast"]["growth"]) == (topic_id, 0.61, 0.5)
    assert [point["value"] for point in topic["series"][0]["points"]] == [2.0, 4.0]
    assert topic["sources"][0]["name"] == "A Wire"
    told = ytempire()
    assert all(words in told for words in ("The Moon", "0.61", "▁█", "+50% in 48 h", "900 to 2,100", "20% less error"))
    assert NOTHING in ytempire("--provenance", "rehearsal")


@pytest.mark.parametrize(("option", "value"), [("--days", "0"), ("--limit", "900"), ("--provenance", "invented")])
def test_a_question_that_cannot_be_answered_is_refused_before_anything_starts(option: str, value: str) -> None:
    done = CliRunner().invoke(build(), ["trends", option, value])
    assert (done.exit_code, option in done.stderr, value in done.stderr) == (2, True, True)


def test_a_sparkline_spans_least_to_most_and_survives_nothing_and_sameness() -> None:
    assert sparkline([1, 2, 8]) == "▁▂█"
    assert (sparkline([]), sparkline([5, 5])) == ("", "▁▁")
