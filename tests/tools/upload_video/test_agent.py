"""The publisher agent's way to YouTube: the approved manifest goes through the tool, and nothing else does."""

from typing import Any

import pytest

from agents import publisher
from agents.publisher.agent import ApprovalMismatch
from memory.artifacts import Provenance
from tests.tools.upload_video.conftest import Rig
from tools.upload_video.schema import UploadVideoArgs
from tools.upload_video.tool import run


class Context:
    """What the agent asks of its context, over the rig."""

    provenance = Provenance.REHEARSAL

    def __init__(self, rig: Rig, task: UploadVideoArgs) -> None:
        self._tool = rig.context(task)

    async def call(self, spec: Any, args: UploadVideoArgs, patience_s: float | None = None) -> Any:  # noqa: ARG002 - the shape of a context
        assert spec.name == "upload_video"
        return run(args, self._tool)


def _input(task: UploadVideoArgs, **changes: Any) -> publisher.PublishInput:
    files = {"captions_srt": task.manifest.captions, "captions_vtt": task.manifest.captions, "sources": task.manifest.captions}
    return publisher.PublishInput(
        **{"key": task.key, "manifest": task.manifest, "approved": task.approved, "duration_s": 60.0, "place": "youtube", **files, **changes}
    )


async def test_what_was_approved_is_published_and_the_decision_says_where(rig: Rig) -> None:
    task = rig.task()
    context: Any = Context(rig, task)
    published = await publisher.publish(_input(task), context)
    assert published.location == f"https://www.youtube.com/watch?v={published.external_id}"
    assert "uploaded private, released as public" in published.decisions[0].reasons[0]
    assert (await publisher.publish(_input(task), context)).created is False
    assert rig.videos_of(task) == 1


async def test_another_manifest_than_the_approved_is_never_handed_on(rig: Rig) -> None:
    task = rig.task()
    context: Any = Context(rig, task)
    with pytest.raises(ApprovalMismatch):
        await publisher.publish(_input(task, approved="0" * 64), context)
    assert rig.world.effects == []
