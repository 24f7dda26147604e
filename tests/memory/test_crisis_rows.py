"""Incidents tell the operator and name what was done; notices are filed once; polls are taken by one; a held queue lets nothing out."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from memory.records.incidents import MONITOR
from memory.repositories.channels import ChannelHeld, ChannelRepository
from memory.repositories.incident_actions import ActionClosed, ActionMissing, IncidentActionRepository, NewAction
from memory.repositories.incidents import IncidentRepository
from memory.repositories.messages import MessageRepository
from memory.repositories.notices import NewNotice, NoticeMissing, NoticeRepository
from memory.repositories.polls import PollRepository
from memory.repositories.publications import NewPublication, PublicationRepository, Transition
from tests.memory.conftest import Studio

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def _action(status: str = "done", reversible: bool = True) -> NewAction:
    return NewAction("pause_channel", "tide_lines", status, MONITOR, "a strike", "resume the channel", reversible, {"paused": False})


def _published(studio: Studio, key: str = "run_1") -> str:
    with studio.database.unit_of_work() as session:
        publications = PublicationRepository(session)
        made = publications.create(NewPublication(key, studio.run, studio.channel, "youtube", "demo", "a" * 64))
        return publications.transition(made.id, Transition("released", external_id=f"yt{key}")).id


def test_a_warning_is_told_once_and_again_when_it_grows_graver(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        incidents, messages = IncidentRepository(session), MessageRepository(session)
        incidents.open("k", "strike", "info", "a mail", channel_id=studio.channel)
        assert messages.list_().items == ()
        first = incidents.open("k", "strike", "warning", "a strike", confidence=0.7, signal="mail")
        incidents.open("k", "strike", "warning", "a strike")
        (told,) = messages.list_().items
        assert (told.kind, told.severity, told.about["incident"]) == ("incident", "warning", first.id)
        grown = incidents.open("k", "strike", "critical", "two strikes", confidence=0.9)
        assert (grown.severity, grown.summary, grown.confidence) == ("critical", "two strikes", 0.9)
        assert sorted(one.severity for one in messages.list_().items) == ["critical", "warning"]
        assert [one.id for one in incidents.list_open("k")] == [first.id]


def test_an_action_is_one_row_and_once_taken_back_it_is_spared(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        incident = IncidentRepository(session).open("publication:p", "strike", "warning", "a strike")
        actions = IncidentActionRepository(session)
        waits, _ = actions.record(incident.id, _action("wanted"))
        assert not actions.record(incident.id, _action("wanted"))[1]
        with pytest.raises(ActionClosed, match="wanted"):
            actions.mark_reversed(waits.id, "ada")
        done, is_news = actions.record(incident.id, _action())
        assert is_news
        assert (done.id, done.status) == (waits.id, "done")
        assert actions.spared("publication:p") == frozenset()
        back = actions.mark_reversed(done.id, "ada")
        assert (back.reversed_by, sorted(actions.spared("publication:p"))) == ("ada", ["pause_channel"])
        assert actions.record(incident.id, _action())[0].status == "reversed"
        with pytest.raises(ActionMissing):
            actions.get("nowhere")


def test_the_table_refuses_what_the_monitor_could_not_take_back(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        incident = IncidentRepository(session).open("publication:p", "strike", "warning", "a strike").id
        IncidentActionRepository(session).record(incident, _action("wanted", reversible=False))
    with pytest.raises(IntegrityError), studio.database.unit_of_work() as session:
        IncidentActionRepository(session).record(incident, _action(reversible=False))


def test_a_held_queue_lets_nothing_out_until_its_time_and_the_longer_hold_counts(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        channels = ChannelRepository(session)
        channels.ensure_publishing(studio.channel, NOW)
        channels.hold(studio.channel, "doubts", NOW + timedelta(hours=24))
        channels.hold(studio.channel, "less", NOW + timedelta(hours=1))
        with pytest.raises(ChannelHeld, match="2026-11-29 12:00 UTC: doubts"):
            channels.ensure_publishing(studio.channel, NOW)
        channels.ensure_publishing(studio.channel, NOW + timedelta(hours=24))
        channels.release_hold(studio.channel)
        channels.pause(studio.channel, "strike")
        with pytest.raises(ChannelHeld, match="strike"):
            channels.ensure_publishing(studio.channel, NOW)


def test_a_notice_is_filed_once_with_the_publication_it_names(studio: Studio) -> None:
    publication = _published(studio)
    with studio.database.unit_of_work() as session:
        notices = NoticeRepository(session)
        new = NewNotice("mail:1", "mail", "strike", 0.9, "body", external_id="ytrun_1")
        found, fresh = notices.file(new)
        assert (fresh, found.publication_id, found.channel_id) == (True, publication, studio.channel)
        assert notices.file(new)[1] is False
        unknown, _ = notices.file(NewNotice("mail:2", "mail", "other", 0.3, "body", external_id="ytnobody"))
        assert (unknown.publication_id, {one.key for one in notices.list_new()}) == (None, {"mail:1", "mail:2"})
        notices.close(found.id, None)
        assert sorted(one.status for one in notices.list_().items) == ["filed", "new"]
        with pytest.raises(NoticeMissing):
            notices.get("nowhere")


def test_a_poll_is_enrolled_once_taken_by_one_and_fenced(database: Database, studio: Studio) -> None:
    publication = _published(studio)
    with database.unit_of_work() as session:
        polls = PollRepository(session)
        assert (polls.enrol(timedelta(0), timedelta(days=90)), polls.enrol(timedelta(0), timedelta(days=90))) == (1, 0)
    with database.unit_of_work() as session:
        (taken,) = PollRepository(session).claim_due(60.0)
        assert PollRepository(session).claim_due(60.0) == ()
    with database.unit_of_work() as session:
        PollRepository(session).done(taken, NOW, SYSTEM_CLOCK.now() + timedelta(hours=1), {"seen": 1})
    with database.unit_of_work() as session:
        polls = PollRepository(session)
        polls.skip(taken, NOW, "a taker that came too late")
        found = polls.find(publication)
        assert found is not None
        assert (found.count, found.state, polls.claim_due(60.0)) == (1, {"seen": 1}, ())
        polls.hasten(publication)
        assert len(polls.claim_due(60.0)) == 1
