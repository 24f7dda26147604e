"""Checks of a publication on real rows: what the monitor decides is carried out once, and the last look is remembered."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from evals.context import Bench, open_bench
from evals.tasks.crisis_monitor import manifest_of, publish_entry
from evals.tasks.documents import CaseDocument, build_brief
from graphs.checks import CheckRunner, Made
from graphs.outcomes import asked_of
from graphs.request import ProductionRequest
from graphs.runbook import RunBook
from infra.database import Database
from infra.embedding import DIMENSIONS
from infra.errors import Unavailable
from infra.events import EventBus
from infra.ids import canonical_json, json_digest
from memory.artifacts import Provenance
from memory.attention import AttentionPoint
from memory.learning import Settled
from memory.personality import get_personality
from memory.recall_search import recall_by_vector
from memory.records.runs import RunRecord
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.checks import CheckRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.outcomes import OutcomeRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from memory.repositories.publications import NewPublication, PublicationRepository, Transition
from memory.repositories.runs import RunRepository
from memory.repositories.trends import NewTopic, TrendRepository
from tools.base import Args, Result, ToolSpec
from tools.call import JobKey, RunScope, ToolCaller
from tools.library.pages import listed_keys

A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)

RUN = "run_checked1234"
CHANNEL = "field-notes"


class Here(ToolCaller):
    """A caller that runs the tools' implementations in this process; the kernel has tests of its own."""

    def __init__(self, bench: Bench, database: Database, url: str) -> None:
        super().__init__(database, EventBus(url), bench.settings)
        self.bench = bench
        self.called: list[str] = []
        self.down: set[str] = set()

    async def call(self, spec: ToolSpec[A, R], args: A, *, key: JobKey, agent: str, run: RunScope) -> R:
        self.called.append(f"{key.node}:{spec.name}")
        if spec.name in self.down:
            raise Unavailable("the queue is away")
        return await self.bench.context(agent, CHANNEL, provenance=run.provenance).call(spec, args)


@dataclass
class Desk:
    """A published demo video with its four checks."""

    bench: Bench
    database: Database
    caller: Here
    runner: CheckRunner
    publication: str
    entry: Path

    def due(self, *kinds: str) -> None:
        """Let checks fall due, in the order of their names."""
        with self.database.unit_of_work() as session:
            statement = text("update checks set due_at = now() - interval '1 minute', status = 'scheduled', lease_expires_at = null where kind = any(:kinds)")
            session.execute(statement, {"kinds": list(kinds)})

    def comment(self, said: str, times: int = 1) -> None:
        """Add comments beside the entry."""
        now = datetime.now(UTC)  # noqa: TID251 - the outside world has a clock of its own
        with (self.entry / "comments.jsonl").open("a") as lines:
            for number in range(times):
                row = {"id": f"{said[:8]}-{number}", "author": f"viewer {number}", "text": said, "at": (now + timedelta(milliseconds=number)).isoformat()}
                lines.write(json.dumps(row) + "\n")

    async def look(self, kind: str) -> Made:
        """Let one check fall due and make it."""
        self.due(kind)
        (made,) = await self.runner.run_due()
        return made


@pytest.fixture
def desk(database_url: str) -> Any:
    database = Database(database_url)
    with open_bench() as bench:
        caller = Here(bench, database, database_url)
        book = RunBook(bench.settings, database, caller)
        manifest = manifest_of(bench)
        brief = build_brief((CaseDocument(demo="titan-craters"),))
        digests = {kind: canonical_json(body.model_dump(mode="json")) for kind, body in (("brief", brief), ("manifest", manifest))}
        with database.unit_of_work() as session:
            ChannelRepository(session).ensure(CHANNEL, CHANNEL, "Field Notes")
            ChannelRepository(session).set_autonomy(CHANNEL, "autonomous")
            request = ProductionRequest(channel=CHANNEL, offline=True).model_dump(mode="json")
            RunRepository(session).create(RunRecord(id=RUN, channel_id=CHANNEL, request=request, provenance="demo"))
            for kind, data in digests.items():
                digest = bench.store.put_bytes(data)
                ArtifactRepository(session).record(digest=digest, run_id=RUN, kind=kind, media_type="application/json", size_bytes=len(data), provenance="demo")
            publications = PublicationRepository(session)
            manifest_digest = json_digest(manifest.model_dump(mode="json"))
            publication = publications.create(NewPublication(RUN, RUN, CHANNEL, "library", "demo", manifest_digest))
            publications.transition(publication.id, Transition("verified", external_id=RUN))
            CheckRepository(session).schedule(publications.get(publication.id))
            publication_id = publication.id
        publish_entry(bench, RUN, manifest)
        (entry,) = bench.settings.library_root.glob(f"*/*--{RUN}")
        yield Desk(bench, database, caller, CheckRunner(book, database), publication_id, entry)
    database.dispose()


def test_nothing_is_made_before_it_is_due(desk: Desk) -> None:
    with desk.database.unit_of_work() as session:
        assert CheckRepository(session).claim_due(1.0) == ()


async def test_a_quiet_first_hour_is_recorded_and_changes_nothing(desk: Desk) -> None:
    desk.comment("Great video, thanks", 4)
    made = await desk.look("1h")
    assert (made.status, made.watched and made.watched.severity) == ("done", "none")
    assert await desk.runner.run_due() == ()
    with desk.database.unit_of_work() as session:
        (check, *_) = CheckRepository(session).list_(desk.publication)
        assert (check.status, check.check_run_id) == ("done", f"{RUN}.1h")
        assert check.result is not None
        assert check.result["comments"] == 4
        assert IncidentRepository(session).list_().items == ()
        assert not ChannelRepository(session).get(CHANNEL).paused
    assert RUN in listed_keys(desk.bench.settings.library_root)


async def test_wrong_facts_pull_the_video_back_and_open_one_incident_over_two_looks(desk: Desk) -> None:
    desk.comment("The number is wrong, see https://example.org/craters", 6)
    made = await desk.look("1h")
    assert made.watched is not None
    assert made.watched.done == ("make_private", "draft_reply", "open_incident")
    assert RUN not in listed_keys(desk.bench.settings.library_root)
    desk.comment("This is false: https://example.org/2", 6)
    again = await desk.look("24h")
    assert again.watched is not None
    assert again.watched.done == ("draft_reply", "open_incident")
    assert (again.watched.new_comments or 0) < (again.watched.comments or 0)
    with desk.database.unit_of_work() as session:
        (incident,) = IncidentRepository(session).list_().items
        assert (incident.kind, incident.severity) == ("factual_challenge", "critical")
        assert [entry["what"] for entry in incident.timeline] == ["opened", "make_private done", "draft_reply done", "seen again"]


async def test_a_crowd_pauses_the_channel_with_the_reason(desk: Desk) -> None:
    desk.comment("Terrible, the worst, I hate it", 20)
    await desk.look("24h")
    with desk.database.unit_of_work() as session:
        channel = ChannelRepository(session).get(CHANNEL)
        assert channel.paused
        assert "spoke against it" in (channel.paused_reason or "")
    assert RUN in listed_keys(desk.bench.settings.library_root)


async def test_on_a_manual_channel_a_changed_file_only_asks_a_person(desk: Desk) -> None:
    with desk.database.unit_of_work() as session:
        ChannelRepository(session).set_autonomy(CHANNEL, "manual")
    (desk.entry / "video.mp4").write_bytes(b"foreign")
    made = await desk.look("1h")
    assert made.watched is not None
    assert (made.watched.done, made.watched.wanted) == (("open_incident",), ("make_private", "pause_channel"))
    assert RUN in listed_keys(desk.bench.settings.library_root)
    with desk.database.unit_of_work() as session:
        (incident,) = IncidentRepository(session).list_().items
        assert "waits for a person" in incident.summary


async def test_the_last_look_remembers_a_lesson_that_recall_finds(desk: Desk) -> None:
    desk.comment("This is wrong: https://example.org/a", 2)
    await desk.look("1h")
    made = await desk.look("7d")
    assert made.status == "done"
    with desk.database.unit_of_work() as session:
        lesson = session.execute(text("select text, provenance from lessons")).one()
        (found,) = recall_by_vector(session, "lesson", [1.0] * DIMENSIONS, channel_id=CHANNEL, provenance=Provenance.DEMO)
    assert found.text == lesson.text
    assert "say where each number comes from" in lesson.text
    assert lesson.provenance == "demo"


async def test_a_look_that_stopped_midway_is_taken_again_and_decides_on_the_same_snapshot(desk: Desk) -> None:
    desk.comment("The number is wrong, see https://example.org/craters", 6)
    desk.caller.down = {"change_visibility"}
    stopped = await desk.look("1h")
    assert stopped.status == "later"
    desk.comment("Lovely", 30)
    desk.caller.down = set()
    made = await desk.look("1h")
    assert made.watched is not None
    assert (made.status, made.watched.comments, made.watched.done) == ("done", 6, ("make_private", "draft_reply", "open_incident"))


async def test_a_check_whose_publication_cannot_be_read_fails_with_the_reason_and_the_others_are_made(desk: Desk) -> None:
    with desk.database.unit_of_work() as session:
        session.execute(text("delete from artifacts where kind = 'brief'"))
    desk.due("1h", "24h")
    assert [(made.status, "briefs" in made.reason) for made in await desk.runner.run_due()] == [("failed", True), ("failed", True)]
    with desk.database.unit_of_work() as session:
        check = CheckRepository(session).list_(desk.publication)[0]
        assert (check.status, (check.result or {})["code"]) == ("failed", "nothing_to_check")


async def test_the_last_look_settles_what_was_predicted_and_compares_what_can_be_compared(desk: Desk) -> None:
    made, topic = datetime(2026, 3, 1, 12, tzinfo=UTC), "trend_titan"
    forecast = {"topic_id": topic, "series": "wikipedia", "unit": "readers a day", "growth": 0.5, "made_at": made.isoformat()}
    values = {-36: 100.0, -12: 100.0, 12: 110.0, 36: 130.0, 100: 9000.0}
    with desk.database.unit_of_work() as session:
        OutcomeRepository(session).predict(desk.publication, {"forecast": forecast, "quality": 0.9})
        trends = TrendRepository(session, "tenant_local", Provenance.DEMO)
        trends.add_topic(NewTopic(topic, "Titan", "space", (), tuple([1.0] + [0.0] * (DIMENSIONS - 1))), made)
        trends.observe(topic, "wikipedia", "readers a day", [AttentionPoint(at=made + timedelta(hours=at), value=value) for at, value in values.items()])
    desk.comment("This is wrong: https://example.org/a", 2)
    await desk.look("1h")
    await desk.look("7d")
    with desk.database.unit_of_work() as session:
        outcome = OutcomeRepository(session).of_publication(desk.publication)
    assert outcome.happened is not None
    assert outcome.difference is not None
    assert (outcome.happened["looks"], outcome.happened["comments"], outcome.lesson_id) == (2, 2, f"lesson_{desk.publication}")
    assert outcome.difference["attention_48h"] == {"expected": 0.5, "measured": 0.2, "off": -0.3, "values": 2}
    assert set(outcome.difference["not_measured"]) == {"quality", "thumbnail"}


async def test_demo_outcomes_never_propose_to_change_a_personality(desk: Desk) -> None:
    settled = [Settled(f"publication_{n}", ("factual_challenge",), "", False) for n in range(10)]
    personality = get_personality(CHANNEL)
    for provenance in ("demo", "rehearsal", "simulated"):
        assert asked_of(personality, provenance, settled) == ()
    (asked,) = asked_of(personality, "real", settled)
    assert (asked.field, asked.value) == ("cadence_per_week", personality.cadence_per_week - 1)
    with desk.database.unit_of_work() as session:
        OutcomeRepository(session).predict(desk.publication, {})
    desk.comment("This is wrong: https://example.org/a", 2)
    await desk.look("7d")
    with desk.database.unit_of_work() as session:
        assert PersonalityChangeRepository(session).list_(CHANNEL).items == ()


async def test_a_run_keeps_the_personality_it_was_made_with(desk: Desk) -> None:
    book = RunBook(desk.bench.settings, desk.database, desk.caller)

    def approve(words_per_minute: int) -> None:
        with desk.database.unit_of_work() as session:
            changes = PersonalityChangeRepository(session)
            made = changes.propose(CHANNEL, ("voice.words_per_minute", words_per_minute), "viewers asked for it", "operator")
            changes.decide(made.id, "approved", "operator")

    async def pace(run_id: str) -> int:
        return (await book.studio(run_id)).personality.voice.words_per_minute

    first = await book.create(ProductionRequest(channel=CHANNEL))
    approve(140)
    second = await book.create(ProductionRequest(channel=CHANNEL))
    approve(130)
    assert [await pace(run) for run in (first, second)] == [get_personality(CHANNEL).voice.words_per_minute, 140]
    third = await book.create(ProductionRequest(channel=CHANNEL))
    assert await pace(third) == 130
    with desk.database.unit_of_work() as session:
        applied = {one.value_to: one.applied_run_id for one in PersonalityChangeRepository(session).list_(CHANNEL, "applied").items}
    assert applied == {140: second, 130: third}
