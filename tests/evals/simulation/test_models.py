"""The modelled tools: every registered tool runs somehow, the same twice, and the real agents make videos of them that the platform takes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from evals.simulation import models
from evals.simulation.faults import Fault
from evals.simulation.models_durations import SPREADS
from evals.simulation.world import SimulatedWorld
from evals.simulation.world_stories import ORDERS, hostile_document, stories_of
from graphs.checkpoint import open_checkpointers, setup_checkpoints
from graphs.orchestrator import Ended, Orchestrator
from graphs.request import ProductionRequest
from graphs.runbook import RunBook
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import Invalid
from infra.settings import Settings, load_settings
from memory.artifacts import SourceDocument
from memory.media import MediaStore
from memory.personality import get_personality
from memory.repositories.jobs import JobView
from tools.allowlist import ensure_allowed
from tools.base import Args, Result, ToolContext, ToolError, ToolRetry, ToolSpec
from tools.call import JobFailed, JobKey, RunScope, ToolCaller
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs
from tools.make_visual.schema import SPEC as MAKE_VISUAL
from tools.make_visual.schema import MakeVisualArgs, Scene
from tools.read_source.schema import SPEC as READ_SOURCE
from tools.read_source.schema import ReadSourceArgs, ReadSourceResult
from tools.registry import TOOLS


@dataclass
class Caller:
    """Stands where the job kernel stands: runs each job at once, again while it says that it may be tried again."""

    world: SimulatedWorld
    settings: Settings
    done: dict[JobKey, Result] = field(default_factory=dict)
    lasted: Counter[str] = field(default_factory=Counter)

    async def call(self, spec: ToolSpec[Any, Any], args: Args, *, key: JobKey, agent: str, run: RunScope) -> Result:
        """Return the job's result."""
        ensure_allowed(agent, spec.name)
        if key not in self.done:
            self.done[key] = self._run(spec, args, run)
        return self.done[key]

    def _run(self, spec: ToolSpec[Any, Any], args: Args, run: RunScope) -> Result:
        job = f"job_{len(self.done)}_{run.run_id[-4:]}"
        for attempt in range(1, 40):
            ran = self.world.run(spec, args, context_of(self.settings, job, run, attempt))
            self.lasted[spec.name] += round(ran.duration_s)
            if ran.result is not None:
                return ran.result
            if not ran.killed and not isinstance(ran.error, ToolRetry):
                break
        error = {"code": getattr(ran.error, "code", "killed"), "message": str(ran.error)}
        raise JobFailed(cast(JobView, SimpleNamespace(error=error, state="dead", tool=spec.name, id=job, attempts=attempt)))


def context_of(settings: Settings, job: str, run: RunScope, attempt: int = 1) -> ToolContext:
    return ToolContext(
        settings=settings,
        store=MediaStore(settings.media_root),
        scratch=settings.scratch_root,
        job_id=job,
        run_id=run.run_id,
        channel_id=run.channel_id,
        provenance=run.provenance,
        seed=run.seed,
        attempt=attempt,
    )


@dataclass
class Studio:
    """A studio in the simulated world, without a kernel and on the machine's own clock."""

    world: SimulatedWorld
    caller: Caller
    book: RunBook
    orchestrator: Orchestrator

    async def produce(self, channel: str) -> Ended:
        """Make one video."""
        return await self.orchestrator.drive(await self.book.create(ProductionRequest(channel=channel, seconds=40, seed=1)))


@pytest.fixture
async def studio(database_urls: PostgresUrls, tmp_path: Path) -> AsyncIterator[Studio]:
    await asyncio.to_thread(setup_checkpoints, database_urls.admin)
    world = SimulatedWorld(3, 3, SYSTEM_CLOCK.now, tmp_path)
    settings = world.settings(Settings(_env_file=None, database_url=database_urls.publish))
    models_folder = load_settings().cache_root / "models"
    settings.cache_root.mkdir()
    (settings.cache_root / "models").symlink_to(models_folder, target_is_directory=True)
    publish, app = Database(database_urls.publish), Database(database_urls.app)
    world.connect_all(publish)
    caller = Caller(world, settings)
    with ExitStack() as stack:
        stack.enter_context(world.connected())
        async with open_checkpointers(database_urls.app) as checkpointers:
            book = RunBook(settings, app, cast(ToolCaller, caller))
            yield Studio(world, caller, book, Orchestrator(book, checkpointers))
    publish.dispose()
    app.dispose()


async def test_the_real_agents_publish_simulated_videos_on_the_platform(studio: Studio) -> None:
    for channel in studio.world.channels[:2]:
        ended = await studio.produce(channel)
        assert (ended.status, ended.state and ended.state["scout"]["provenance"]) == ("published", "simulated")
    videos = studio.world.platform.videos.values()
    assert {video.status["privacyStatus"] for video in videos} == {"public"}
    assert len(studio.world.platform.public_at) == len(videos) == 2
    assert {key.node for key in studio.caller.done} >= {"scout.gather", "write", "narrate", "design_thumbnail", "illustrate", "render", "inspect", "publish"}
    assert 100 < sum(studio.caller.lasted.values()) < 1200


async def test_a_worker_that_dies_while_it_publishes_leaves_one_video(studio: Studio) -> None:
    for size in (3, -3):
        studio.world.strike(Fault(0, "publish_kill", size=size))
        assert (await studio.produce(studio.world.channels[0])).status == "published"
    assert len(studio.world.platform.videos) == 2


async def test_a_source_that_gives_orders_changes_nothing(studio: Studio) -> None:
    studio.world.strike(Fault(0, "hostile_source"))
    studio.world.strike(Fault(0, "hostile_source"))
    for _ in range(2):
        assert (await studio.produce(studio.world.channels[0])).status == "published"
    told = " ".join(str(video.snippet) for video in studio.world.platform.videos.values())
    assert [order for order in ORDERS if order[1:40] in told] == []


def test_every_registered_tool_is_modelled_or_real_and_has_a_duration() -> None:
    # Probes and consents are asked for by people, never by a fleet.
    of_people = {spec.name for spec in TOOLS if spec.name.startswith("probe_")} | {"connect_account", "disconnect_account"}
    assert {spec.name for spec in TOOLS} == set(models.MODELS) | models.REAL | of_people
    assert set(SPREADS) == set(models.MODELS) | models.REAL


class Bench:
    """One world without a studio."""

    def __init__(self, home: Path, seed: int = 5) -> None:
        self.world = SimulatedWorld(seed, 2, SYSTEM_CLOCK.now, home)
        self.settings = self.world.settings(Settings(_env_file=None))

    def draw(self, title: str = "Tides", job: str = "job_1") -> models.Ran:
        """Have a shot drawn."""
        args = MakeVisualArgs(kind="title", scene=Scene(title=title), look=get_personality("pulse").look, channel="Pulse")
        return self.world.run(MAKE_VISUAL, args, context_of(self.settings, job, RunScope("run_1", "pulse")))


def test_the_same_job_runs_the_same_twice_and_a_slow_disk_slows_only_those_that_write_much(tmp_path: Path) -> None:
    first, again = (Bench(tmp_path / str(number)).draw() for number in range(2))
    assert first == again
    assert first.result is not None
    slow = Bench(tmp_path / "slow")
    slow.world.strike(Fault(0, "slow_disk", size=10.0))
    assert slow.draw().duration_s == first.duration_s


def test_a_full_disk_stops_what_writes_until_it_is_mended(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.world.weather.full = True
    assert getattr(bench.draw().error, "code", "") == "disk_full"
    bench.world.weather.full = False
    assert bench.draw().error is None


def test_a_poisoned_job_breaks_or_kills_in_every_attempt_and_others_do_not(tmp_path: Path) -> None:
    ways = set()
    for seed in range(8):
        bench = Bench(tmp_path / str(seed), seed)
        bench.world.strike(Fault(0, "poison_job", "make_visual"))
        ran = [bench.draw() for _ in range(3)]
        assert all(one.killed for one in ran) or all(isinstance(one.error, ValueError) for one in ran)
        ways.add(ran[0].killed)
        assert bench.draw(job="job_2").result is not None
    assert ways == {True, False}


def test_a_text_has_one_vector_whatever_it_is_embedded_with(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.settings = bench.settings.model_copy(update={"home": load_settings().home})
    context = context_of(bench.settings, "job_1", RunScope("run_1"))
    alone, together = (bench.world.run(EMBED_TEXT, EmbedTextArgs(texts=texts), context).result for texts in (("tides",), ("rain", "tides")))
    assert alone.vectors[0] == together.vectors[1]  # type: ignore[union-attr]


def test_a_page_is_read_from_the_simulated_web_and_never_from_the_network(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    story = stories_of(5, SYSTEM_CLOCK.now(), "pulse")[0]
    bench.world.weather.pages[story.url] = story
    context = context_of(bench.settings, "job_1", RunScope("run_1"))
    read = bench.world.run(READ_SOURCE, ReadSourceArgs(url=story.url), context).result
    assert isinstance(read, ReadSourceResult)
    assert SourceDocument.model_validate_json(context.store.read(read.documents[0].digest)) == story
    assert "404" in str(bench.world.run(READ_SOURCE, ReadSourceArgs(url="https://simulated.example/nothing"), context).error)


def test_stories_change_with_the_day_and_stay_in_the_channels_field() -> None:
    now = SYSTEM_CLOCK.now()
    today, again, tomorrow = (stories_of(1, moment, "pulse") for moment in (now, now, now + timedelta(days=1)))
    assert today == again
    assert not {one.title for one in today if "demo" not in one.id} & {one.title for one in tomorrow}
    assert all(len(one.text.split()) > 150 and one.rights.quotable for one in today)
    assert isinstance(hostile_document(1, now, "pulse"), SourceDocument)


def test_a_fault_the_world_does_not_know_is_an_error(tmp_path: Path) -> None:
    with pytest.raises((Invalid, ToolError, KeyError)):
        Bench(tmp_path).world.strike(Fault(0, "redis_kill"))
