"""Readings: renewed in place, never shown after 30 days, gone at the purge or when a consent ends, with a hash left in the audit trail."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from infra.ids import json_digest
from memory.readings import LIFE, NewReading
from memory.records.lessons import LessonRecord
from memory.repositories.audit import AuditRepository, details_of
from memory.repositories.channels import ChannelRepository
from memory.repositories.lessons import LessonRepository
from memory.repositories.publications import NewPublication, PublicationRepository
from memory.repositories.readings import Gone, ReadingRepository
from tests.memory.conftest import Studio

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@pytest.fixture
def publication(studio: Studio) -> str:
    with studio.database.unit_of_work() as session:
        return PublicationRepository(session).create(NewPublication("key_00001", studio.run, studio.channel, "youtube", "real", "0" * 64)).id


def _keep(studio: Studio, now: datetime, *new: NewReading) -> tuple[str, ...]:
    with studio.database.unit_of_work() as session:
        return tuple(one.id for one in ReadingRepository(session, now).keep(studio.channel, "real", new))


def test_reading_again_renews_the_same_row_for_another_thirty_days(studio: Studio, publication: str) -> None:
    first = _keep(studio, NOW, NewReading("statistics", "v", {"views": 1}, publication))
    later = NOW + timedelta(days=29)
    assert _keep(studio, later, NewReading("statistics", "v", {"views": 9}, publication)) == first
    with studio.database.unit_of_work() as session:
        (one,) = ReadingRepository(session, later + timedelta(days=29)).find(first)
        assert (one.body, one.fetched_at, one.expires_at) == ({"views": 9}, later, later + LIFE)


@pytest.mark.parametrize(("days", "alive"), [(29, 1), (30, 0), (31, 0)])
def test_an_expired_reading_is_not_shown_before_it_is_purged_and_gone_after(studio: Studio, publication: str, days: int, alive: int) -> None:
    ids = _keep(studio, NOW, NewReading("comment", "c", {"text": "canary", "author": "a", "at": NOW.isoformat()}, publication))
    now = NOW + timedelta(days=days)
    with studio.database.unit_of_work() as session:
        readings = ReadingRepository(session, now)
        assert len(readings.find(ids)) == alive
        assert len(readings.known(publication).comments) == alive
        assert readings.purge() == Gone(1 - alive, 0)
        assert session.scalar(text("select count(*) from readings")) == alive


def test_the_database_itself_refuses_a_longer_life(studio: Studio) -> None:
    _keep(studio, NOW, NewReading("report", "r", {}))
    with pytest.raises(IntegrityError, match="life"), studio.database.unit_of_work() as session:
        session.execute(text("update readings set expires_at = expires_at + interval '1 second'"))


def test_the_audit_trail_holds_a_count_and_a_hash_and_stays_whole(studio: Studio, publication: str) -> None:
    body = {"views": 1234567}
    _keep(studio, NOW, NewReading("statistics", "v", body, publication))
    with studio.database.unit_of_work() as session:
        ReadingRepository(session, NOW + LIFE).purge()
        ReadingRepository(session, NOW + LIFE).purge()
        trail = AuditRepository(session)
        (event,) = trail.list_()
        assert details_of(event) == {"readings": 1, "lessons": 0, "sha256": json_digest([json_digest(body)])}
        assert "1234567" not in json.dumps(details_of(event))
        assert trail.verify() == 1


def test_a_consent_that_ends_takes_its_channels_readings_and_lessons_and_no_others(studio: Studio, publication: str) -> None:
    _keep(studio, NOW, NewReading("statistics", "v", {"views": 1}, publication), NewReading("reach", "v:d", {"ctr": 0.1}, publication, date(2026, 11, 20)))
    with studio.database.unit_of_work() as session:
        ChannelRepository(session).ensure("deep_orbit", "deep_orbit", "Deep Orbit")
        readings = ReadingRepository(session, NOW)
        readings.keep("deep_orbit", "real", (NewReading("statistics", "w", {"views": 2}),))
        LessonRepository(session).create(LessonRecord(id="lesson_1", channel_id=studio.channel, text="Slower.", evidence={}, provenance="real"))
        LessonRepository(session).create(LessonRecord(id="lesson_2", channel_id=studio.channel, text="Ours.", evidence={}, provenance="real"))
        readings.trace("lesson", "lesson_1", studio.channel, NOW + timedelta(days=400))
        assert readings.forget(studio.channel) == Gone(2, 1)
        assert session.scalars(text("select channel_id from readings")).all() == ["deep_orbit"]
        assert session.scalars(text("select id from lessons")).all() == ["lesson_2"]


def test_what_rests_on_readings_lives_no_longer_than_they_may(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        ReadingRepository(session, NOW).trace("lesson", "l", studio.channel, NOW + timedelta(days=400))
        assert session.scalar(text("select max(expires_at) from reading_traces")) == NOW + LIFE
        assert ReadingRepository(session, NOW + LIFE).purge() == Gone(0, 1)


def test_known_figures_come_in_order(studio: Studio, publication: str) -> None:
    days = [NewReading("day", f"v:{day}", {"views": day}, publication, date(2026, 11, day)) for day in (21, 19, 20)]
    said = [NewReading("comment", f"c{n}", {"text": str(n), "at": (NOW + timedelta(hours=n)).isoformat()}, publication) for n in (2, 3, 1)]
    _keep(studio, NOW, *days, *said)
    with studio.database.unit_of_work() as session:
        known = ReadingRepository(session, NOW).known(publication)
    assert [one.body["views"] for one in known.days] == [19, 20, 21]
    assert [one.body["text"] for one in known.comments] == ["3", "2", "1"]
    assert known.statistics is None
