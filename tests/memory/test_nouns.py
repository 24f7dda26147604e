"""Channels, videos, artifacts, snapshots, decisions, lessons, incidents, trends and run events as they are kept."""

from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from infra.database import Database
from memory.artifacts import Decision
from memory.records.lessons import LessonRecord
from memory.repositories.artifacts import ArtifactRepository, ArtifactUnknown
from memory.repositories.channels import ChannelMissing, ChannelPaused, ChannelRepository
from memory.repositories.decisions import DecisionRepository
from memory.repositories.incidents import IncidentMissing, IncidentRepository, IncidentResolved
from memory.repositories.lessons import LessonMissing, LessonRepository
from memory.repositories.run_events import RunEventRepository
from memory.repositories.snapshots import SnapshotRepository
from memory.repositories.source_states import SourceStateRepository
from memory.repositories.videos import VideoMissing, VideoRepository
from memory.rights import Rights
from tests.memory.conftest import Studio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_channel_is_made_once_and_pausing_says_why(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        channels = ChannelRepository(session)
        again = channels.ensure(studio.channel, "other", "Other name")
        assert (again.personality_id, again.autonomy, again.tenant_id) == ("tide_lines", "review", "tenant_local")
        channels.pause(studio.channel, "strike")
        with pytest.raises(ChannelPaused, match="strike"):
            channels.ensure_active(studio.channel)
        assert channels.resume(studio.channel).paused_reason is None
        assert channels.set_autonomy(studio.channel, "policy").autonomy == "policy"
        assert [channel.id for channel in channels.list_().items] == [studio.channel]
        with pytest.raises(ChannelMissing):
            channels.get("nowhere")
    with pytest.raises(IntegrityError), studio.database.unit_of_work() as session:
        ChannelRepository(session).set_autonomy(studio.channel, "anarchy")


def test_a_video_learns_its_title(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        videos = VideoRepository(session)
        assert videos.name(studio.video, "tides", "Why tides turn").title == "Why tides turn"
        assert [video.id for video in videos.list_(studio.channel).items] == [studio.video]
        with pytest.raises(VideoMissing):
            videos.get("nowhere")


def test_equal_bytes_of_two_runs_keep_their_own_provenance_and_rights(studio: Studio) -> None:
    studio.add_run("run_2")
    with studio.database.unit_of_work() as session:
        artifacts = ArtifactRepository(session)
        for run, provenance in (("run_1", "demo"), ("run_2", "real"), ("run_2", "real"), (None, "demo"), (None, "demo")):
            artifacts.record(
                digest="d" * 64,
                run_id=run,
                kind="picture",
                media_type="image/png",
                size_bytes=3,
                provenance=provenance,
                rights=Rights(licence="CC-BY", credit="Ada") if run else None,
            )
        assert artifacts.get("d" * 64, "run_1").provenance == "demo"
        assert artifacts.get("d" * 64, "run_2").provenance == "real"
        assert (artifacts.get("d" * 64, "run_1").rights or {})["credit"] == "Ada"
        assert len(artifacts.list_("run_2")) == 1
        assert artifacts.list_("run_2", kind="script") == ()
        with pytest.raises(ArtifactUnknown):
            artifacts.get("e" * 64)


def test_the_first_snapshot_of_a_node_wins(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        snapshots = SnapshotRepository(session)
        assert snapshots.find("run_1", "scout", 0) is None
        assert snapshots.commit("run_1", "scout", 0, "a" * 64) == "a" * 64
        assert snapshots.commit("run_1", "scout", 0, "b" * 64) == "a" * 64
        assert snapshots.commit("run_1", "scout", 1, "b" * 64) == "b" * 64
        assert len(snapshots.list_("run_1")) == 2


def test_a_node_run_again_replaces_its_decisions(studio: Studio) -> None:
    made = [Decision(agent="trend_scout", question="which", choice=str(number), reasons=("r",), scores={"fit": 0.5}) for number in range(3)]
    for _ in range(2):
        with studio.database.unit_of_work() as session:
            DecisionRepository(session).record("run_1", "scout", 0, made)
    with studio.database.unit_of_work() as session:
        assert DecisionRepository(session).list_("run_1") == tuple(made)


def test_lessons_stay_within_their_provenance(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        lessons = LessonRepository(session)
        for number, provenance in enumerate(("real", "demo")):
            lessons.create(LessonRecord(id=f"lesson_{number}", channel_id=studio.channel, text="Open with the number.", provenance=provenance))
        assert [lesson.id for lesson in lessons.list_(studio.channel, "demo").items] == ["lesson_1"]
        with pytest.raises(LessonMissing):
            lessons.get("nowhere")


def test_the_same_trouble_is_one_incident_until_it_is_resolved(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        incidents = IncidentRepository(session)
        first = incidents.open("feed:nasa", "source_dead", "warning", "no answer", channel_id=studio.channel)
        assert incidents.open("feed:nasa", "source_dead", "warning", "still none").id == first.id
        incidents.acknowledge(first.id, "ada")
        assert incidents.resolve(first.id, "ada", "moved").resolved_at is not None
        assert [entry["what"] for entry in incidents.get(first.id).timeline] == ["opened", "seen again", "acknowledged", "resolved"]
        with pytest.raises(IncidentResolved):
            incidents.note(first.id, "ada", "more")
        assert incidents.open("feed:nasa", "source_dead", "warning", "again").id != first.id
        assert len(incidents.list_(status="open").items) == 1
        with pytest.raises(IncidentMissing):
            incidents.get("nowhere")


def test_a_source_fails_dies_and_comes_back(database: Database) -> None:
    with database.unit_of_work() as session:
        sources = SourceStateRepository(session)
        assert sources.find("nasa") is None
        assert [sources.record_failure("nasa", "timeout").health for _ in range(10)] == ["failing"] * 9 + ["dead"]
        state = sources.record_success("nasa", '"etag"', None)
        assert (state.health, state.consecutive_failures, state.etag, state.last_error) == ("ok", 0, '"etag"', None)
        assert [one.source_id for one in sources.list_()] == ["nasa"]


def test_run_events_count_without_gaps_and_wake_a_listener(database: Database, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute("listen run_events")
        for number in range(3):
            with database.unit_of_work() as session:
                RunEventRepository(session).append("run_1", "node.started", {"number": number})
        with database.unit_of_work() as session:
            RunEventRepository(session).append("run_2", "node.started", {})
        woken = [notice.payload for notice in listener.notifies(timeout=5, stop_after=4)]
    assert woken == ["run_1", "run_1", "run_1", "run_2"]
    with database.unit_of_work() as session:
        events = RunEventRepository(session)
        assert [(event.seq, event.payload) for event in events.list_("run_1", after=1)] == [(2, {"number": 1}), (3, {"number": 2})]
        assert events.last_seq("run_2") == 1
        assert events.last_seq("nowhere") == 0
