"""`ytempire trends`: nothing known, and a topic with its series and forecast."""

from datetime import timedelta

import pytest

from api.commands.trends import NOTHING, sparkline
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from memory.artifacts import Provenance, TrendSignal
from memory.attention import Outlook, OutlookPoint, SeenStory
from memory.repositories.channels import ChannelRepository
from memory.trend_history import Measured, TrendHistory
from tests.fixtures.desk import Desk


def known(database: Database) -> str:
    """Leave one topic, seen twice, with a forecast."""
    now = SYSTEM_CLOCK.now()
    signal = TrendSignal(source_id="a", source_name="A Wire", kind="feed", category="space", title="The Moon", url="https://a.example/1", seen_at=now)
    story = SeenStory(title="The Moon", category="space", keywords=("Moon",), signals=(signal,), vector=(1.0, *[0.0] * 383))
    told = {"series": "wikipedia.views en:Moon", "source": "Wikipedia readers of “Moon”", "unit": "readers a day", "length": 120, "made_at": now}
    ahead = OutlookPoint(at=now + timedelta(days=2), value=1500, low=900, high=2100)
    outlook = Outlook.model_validate(
        {**told, "method": "theta", "verdict": "skill", "statement": "20% less error than “last value”", "growth": 0.5, "peak_at": ahead.at, "points": [ahead]}
    )
    with database.unit_of_work() as session:
        ChannelRepository(session).ensure("one", "deep-orbit", "One")
        history = TrendHistory(session, "one", Provenance.REAL)
        for hours in (6, 0):
            tracked = history.track((story,), ((Measured("attention space", "weighted sightings", 4.0 - hours / 3),),), now - timedelta(hours=hours), {})
        history.conclude(tracked.joined[0].topic_id, {"total": 0.61, "momentum": 0.8}, outlook)
    return tracked.joined[0].topic_id


def test_the_verb_tells_what_is_known_and_says_when_nothing_is(desk: Desk) -> None:
    nothing = desk.json("trends")
    assert (nothing["topics"], nothing["note"]) == ([], NOTHING)
    assert NOTHING in desk.told("trends")
    topic_id = known(desk.database)
    (topic,) = desk.json("trends")["topics"]
    assert (topic["topic_id"], topic["scores"]["total"], topic["forecast"]["growth"]) == (topic_id, 0.61, 0.5)
    assert [point["value"] for point in topic["series"][0]["points"]] == [2.0, 4.0]
    assert topic["sources"][0]["name"] == "A Wire"
    told = desk.told("trends")
    assert all(words in told for words in ("The Moon", "0.61", "▁█", "+50% in 48 h", "900 to 2,100", "20% less error"))
    assert NOTHING in desk.told("trends", "--provenance", "rehearsal")


@pytest.mark.parametrize(("option", "value"), [("--days", "0"), ("--limit", "900"), ("--provenance", "invented")])
def test_a_question_that_cannot_be_answered_is_refused(desk: Desk, option: str, value: str) -> None:
    said = desk.refused("trends", option, value)
    assert option in said
    assert value in said


def test_a_sparkline_spans_least_to_most_and_survives_nothing_and_sameness() -> None:
    assert sparkline([1, 2, 8]) == "▁▂█"
    assert (sparkline([]), sparkline([5, 5])) == ("", "▁▁")
