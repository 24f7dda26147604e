"""Outcomes, changes of personalities and fingerprints: kept once, decided by people, and walled off by kind of truth."""

from datetime import timedelta

import pytest

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from memory.artifacts import Provenance
from memory.learning import Asked, file_change, growth_seen
from memory.personality import get_personality
from memory.personality_changes import ChangeImpossible, merged, value_of, with_changes
from memory.records.runs import RunRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.fingerprints import FingerprintRepository
from memory.repositories.outcomes import OutcomeMissing, OutcomeRepository
from memory.repositories.personality_changes import ChangeDecided, ChangeMissing, PersonalityChangeRepository
from memory.repositories.publications import NewPublication, PublicationRepository
from memory.repositories.readings import ReadingRepository
from memory.repositories.runs import RunRepository

CHANNEL = "deep-orbit"


@pytest.fixture
def orbit(database: Database) -> Database:
    """A database in which three channels have a run each, the first a publication."""
    with database.unit_of_work() as session:
        for channel in (CHANNEL, "quiet-watch", "grid-hour"):
            ChannelRepository(session).ensure(channel, channel, channel)
            RunRepository(session).create(RunRecord(id=f"run_{channel}", channel_id=channel, request={}, provenance="demo"))
        new = NewPublication(
            key="run_deep-orbit", run_id="run_deep-orbit", channel_id=CHANNEL, publisher="library", provenance="demo", manifest_digest="0" * 64
        )
        PublicationRepository(session).create(new)
    return database


def _publication(database: Database) -> str:
    with database.unit_of_work() as session:
        found = PublicationRepository(session).find_by_key("run_deep-orbit")
        assert found is not None
        return found.id


def test_what_was_predicted_first_stands_and_what_happened_is_written_once(orbit: Database) -> None:
    publication = _publication(orbit)
    with orbit.unit_of_work() as session:
        outcomes = OutcomeRepository(session)
        with pytest.raises(OutcomeMissing, match="nothing was predicted"):
            outcomes.of_publication(publication)
        assert outcomes.settle(publication, {}, {}, None) is None
        outcomes.predict(publication, {"quality": 0.9})
        assert outcomes.predict(publication, {"quality": 0.1}).predicted == {"quality": 0.9}
        settled = outcomes.settle(publication, {"comments": 3}, {"growth": None}, "lesson_1")
        assert settled is not None
        assert settled.happened == {"comments": 3}
        again = outcomes.settle(publication, {"comments": 9}, {}, None)
        assert again is not None
        assert (again.happened, again.lesson_id, again.provenance) == ({"comments": 3}, "lesson_1", "demo")
        assert [one.id for one in outcomes.list_(CHANNEL, "demo").items] == [settled.id]
        assert outcomes.list_(CHANNEL, "real").items == ()


def test_a_change_is_true_only_between_its_approval_and_its_reversal(orbit: Database) -> None:
    with orbit.unit_of_work() as session:
        changes = PersonalityChangeRepository(session)
        made = changes.propose(CHANNEL, ("voice.words_per_minute", 150), "viewers asked for it", "operator")
        assert (made.value_from, made.value_to, made.status) == (146, 150, "proposed")
        assert changes.personality(CHANNEL) == get_personality(CHANNEL)
        changes.decide(made.id, "approved", "operator")
        assert changes.personality(CHANNEL).voice.words_per_minute == 150
        assert changes.apply(CHANNEL, "run_deep-orbit") == {"voice.words_per_minute": 150}
        assert (changes.get(made.id).status, changes.get(made.id).applied_run_id) == ("applied", "run_deep-orbit")
        changes.apply(CHANNEL, "run_quiet-watch")
        assert changes.get(made.id).applied_run_id == "run_deep-orbit"
        assert changes.personality("quiet-watch") == get_personality("quiet-watch")
        changes.decide(made.id, "reverted", "operator")
        assert changes.personality(CHANNEL) == get_personality(CHANNEL)
        with pytest.raises(ChangeDecided, match="is reverted; only one that is proposed can be approved"):
            changes.decide(made.id, "approved", "operator")
        with pytest.raises(ChangeMissing, match="'change_none' does not exist"):
            changes.get("change_none")


def test_one_field_has_one_open_change_and_a_rejected_one_changes_nothing(orbit: Database) -> None:
    with orbit.unit_of_work() as session:
        changes = PersonalityChangeRepository(session)
        first = changes.propose(CHANNEL, ("music", "calm"), "it fits", "operator")
        with pytest.raises(ChangeDecided, match=f"change {first.id} of it waits"):
            changes.propose(CHANNEL, ("music", "tense"), "it fits better", "operator")
        changes.decide(first.id, "rejected", "operator")
        assert changes.personality(CHANNEL).music == "wonder"
        with pytest.raises(ChangeDecided, match="music: it is 'wonder' already"):
            changes.propose(CHANNEL, ("music", "wonder"), "keep it", "operator")
        assert [one.id for one in changes.list_(CHANNEL, "rejected").items] == [first.id]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("id", "other", "'id' cannot be changed; one of tagline"),
        ("voice.tempo", 3, "'voice' has no part 'tempo'; it has name"),
        ("tone.first", "x", "'tone' has no part 'first'"),
        ("voice.words_per_minute", 500, "voice.words_per_minute: Input should be less than or equal to 200, got 500"),
        ("cadence_per_week", "often", "cadence_per_week: Input should be a valid integer"),
    ],
)
def test_an_impossible_change_names_the_field_and_the_limit(field: str, value: object, said: str) -> None:
    with pytest.raises(ChangeImpossible) as error:
        with_changes(get_personality(CHANNEL), {field: value})
    assert said in error.value.message


def test_a_later_change_of_the_whole_stands_over_one_of_a_part() -> None:
    assert merged([("voice.pause_s", 0.4), ("music", "calm"), ("music", "tense")]) == {"voice.pause_s": 0.4, "music": "tense"}
    voice = value_of(get_personality(CHANNEL), "voice")
    assert merged([("voice.pause_s", 0.4), ("voice", voice)]) == {"voice": voice}


def test_fingerprints_compare_within_one_truth_and_with_what_is_on_its_way(orbit: Database) -> None:
    with orbit.unit_of_work() as session:
        prints = FingerprintRepository(session)
        prints.keep("run_deep-orbit", "demo", "One", {"script": [1], "shape": ["a"]})
        prints.keep("run_deep-orbit", "demo", "One, named", {"thumbnail": "ff"})
        prints.keep("run_grid-hour", "simulated", "Never real", {"script": [2]})
        (found,) = prints.newest("run_quiet-watch", "demo", 5, other_channels=True)
        assert (found.title, found.body) == ("One, named", {"script": [1], "shape": ["a"], "thumbnail": "ff"})
        assert prints.newest("run_quiet-watch", "real", 5, other_channels=True) == ()
        assert prints.newest("run_quiet-watch", "demo", 5, other_channels=False) == ()
        RunRepository(session).get("run_deep-orbit").status = "refused"
        RunRepository(session).get("run_deep-orbit").finished_at = RunRepository(session).get("run_deep-orbit").created_at
        session.flush()
        assert prints.newest("run_quiet-watch", "demo", 5, other_channels=True) == ()
        prints.mark_published("run_deep-orbit")
        assert len(prints.newest("run_quiet-watch", "demo", 5, other_channels=True)) == 1
        prints.record_check("run_deep-orbit", "script", 0, "demo", {"passed": False, "measures": []})
        prints.record_check("run_deep-orbit", "script", 0, "demo", {"passed": True, "measures": []})
        assert [one.passed for one in prints.checks(CHANNEL)] == [True]
        assert prints.checks(CHANNEL, "real") == ()


def test_the_same_videos_ask_once_and_what_rests_on_readings_goes_with_them(orbit: Database) -> None:
    now = SYSTEM_CLOCK.now()
    videos = ("p1", "p2", "p3")

    def asked(publications: tuple[str, ...], cadence: int) -> Asked:
        return Asked("cadence_per_week", cadence, "viewers doubt facts", {"sign": "factual_challenge"}, publications, True)

    with orbit.unit_of_work() as session:
        changes = PersonalityChangeRepository(session)
        first = file_change(session, CHANNEL, asked(videos, 2), now)
        assert first is not None
        assert file_change(session, CHANNEL, asked(("p4", "p5", "p6"), 1), now) is None
        changes.decide(first, "approved", "operator")
        assert file_change(session, CHANNEL, asked((*videos, "p4"), 1), now) is None
        second = file_change(session, CHANNEL, asked(("p4", "p5", "p6"), 1), now)
        assert second is not None
        assert ReadingRepository(session, now + timedelta(days=31)).purge().traces == 2
        assert [one.id for one in changes.list_(CHANNEL).items] == [first]
        kept = changes.get(first)
        assert (kept.evidence, kept.why, changes.personality(CHANNEL).cadence_per_week) == ({}, "what it rested on has expired", 2)


def test_growth_is_unknown_without_a_forecast_or_enough_values(orbit: Database) -> None:
    made = SYSTEM_CLOCK.now().isoformat()
    with orbit.unit_of_work() as session:
        assert "no forecast" in growth_seen(session, CHANNEL, Provenance.DEMO, None)["unknown"]
        forecast = {"topic_id": "t", "series": "s", "unit": "views", "growth": 0.2, "made_at": made}
        assert growth_seen(session, CHANNEL, Provenance.DEMO, forecast) == {
            "expected": 0.2,
            "unknown": "0 values were measured in the 48 hours after it, at least 2 are needed",
        }
