"""A video published to the stand-in platform with its checks, looked at by the real monitor; tools run in this process unless a test brings workers."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text

from evals.tasks.documents import CaseDocument, build_brief
from graphs.checks import CheckRunner, Made
from graphs.request import ProductionRequest
from graphs.runbook import RunBook
from infra.events import EventBus
from infra.ids import canonical_json
from infra.settings import Settings
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.checks import CheckRepository
from tests.tools.upload_video.conftest import Rig
from tools.allowlist import ensure_allowed
from tools.base import Args, Result, ToolContext, ToolSpec
from tools.call import JobKey, RunScope, ToolCaller
from tools.registry import Registry, load_constant
from tools.upload_video.schema import UploadVideoArgs
from tools.vendors.youtube.sandbox_audience import thread
from tools.vendors.youtube.sandbox_world import Video

A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)
CHANNEL = "field-notes"


class Here(ToolCaller):
    """A caller that runs the tools' implementations in this process, on the studio's own database."""

    def __init__(self, rig: Rig, settings: Settings) -> None:
        super().__init__(rig.database, EventBus(str(settings.database_url)), settings)
        self.rig = rig
        self.here = settings
        self.called: list[tuple[str, dict[str, Any]]] = []

    async def call(self, spec: ToolSpec[A, R], args: A, *, key: JobKey, agent: str, run: RunScope) -> R:
        ensure_allowed(agent, spec.name)
        self.called.append((spec.name, args.model_dump(mode="json")))
        with tempfile.TemporaryDirectory(dir=self.here.home) as scratch:
            context = ToolContext(
                settings=self.here,
                store=self.rig.store,
                scratch=Path(scratch),
                job_id=f"job-{key.node}-{key.ordinal}",
                run_id=run.run_id,
                channel_id=run.channel_id,
                provenance=run.provenance,
                clock=self.rig.clock,
            )
            made = load_constant(Registry().get(spec.name).implementation)(args, context)
        return spec.result.model_validate(made.model_dump())


@dataclass
class PlatformDesk:
    """One publication at the platform and who looks at it."""

    rig: Rig
    caller: Here
    runner: CheckRunner
    task: UploadVideoArgs
    video: Video

    def say(self, *texts: str) -> None:
        """Let viewers comment now."""
        start = len(self.video.comments)
        self.video.comments += [thread(f"yt-{start + n}", said, f"viewer {start + n}", self.rig.clock.at) for n, said in enumerate(texts)]

    async def look(self, kind: str) -> Made:
        """Let one check fall due and make it."""
        with self.rig.database.unit_of_work() as session:
            session.execute(text("update checks set due_at = now() - interval '1 minute' where kind = :kind"), {"kind": kind})
        (made,) = await self.runner.run_due()
        assert made.status == "done", made.reason
        return made


def open_desk(rig: Rig, **changes: Any) -> PlatformDesk:
    """Publish a video of a connected channel and schedule its checks."""
    if CHANNEL not in rig.clients:
        rig.add_channel(CHANNEL)
    task = rig.task(CHANNEL)
    video = rig.world.videos[rig.run(task).video_id]
    request = ProductionRequest(channel=CHANNEL, rehearsal=True).model_dump_json()
    brief = canonical_json(build_brief((CaseDocument(demo="titan-craters"),)).model_dump(mode="json"))
    digest = rig.store.put_bytes(brief)
    rig.store.put_bytes(canonical_json(task.manifest.model_dump(mode="json")))
    about: dict[str, Any] = {"kind": "brief", "media_type": "application/json", "provenance": "rehearsal"}
    with rig.database.unit_of_work() as session:
        session.execute(text("update runs set request = cast(:request as jsonb) where id = :run"), {"request": request, "run": task.key})
        ChannelRepository(session).set_autonomy(CHANNEL, "autonomous")
        ArtifactRepository(session).record(digest=digest, run_id=task.key, size_bytes=len(brief), **about)
        CheckRepository(session).schedule(rig.row(task))
    settings = rig.settings.model_copy(update=changes)
    caller = Here(rig, settings)
    return PlatformDesk(rig, caller, CheckRunner(RunBook(settings, rig.database, caller), rig.database, rig.clock), task, video)
