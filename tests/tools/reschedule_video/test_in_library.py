"""An entry of the library that waits to be shown is moved: its record says the new time, and what was approved stays as it was."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from memory.repositories.publications import NewPublication, PublicationRepository, Transition
from tests.tools.upload_video.conftest import START, Rig
from tests.tools.upload_video.conftest import rig as rig
from tools.base import ToolError
from tools.change_visibility.schema import ChangeVisibilityArgs
from tools.change_visibility.tool import run as change_visibility
from tools.publish_to_library.schema import PublishToLibraryArgs
from tools.publish_to_library.tool import run as publish
from tools.reschedule_video.schema import RescheduleVideoArgs
from tools.reschedule_video.tool import run
from tools.upload_video.schema import UploadVideoArgs

DUE, LATER = START + timedelta(hours=3), START + timedelta(hours=30)


def shelved(rig: Rig) -> tuple[UploadVideoArgs, Path]:
    """Publish to the library what waits for its time, with its row."""
    task = rig.task(privacy="private", publish_at=DUE)
    manifest = task.manifest
    files = {"video": manifest.video, "thumbnail": manifest.thumbnail, **dict.fromkeys(("captions_srt", "captions_vtt", "sources"), manifest.captions)}
    fixed: dict[str, Any] = {
        "key": task.key,
        "channel_id": "tides",
        "channel_name": "Tides",
        "manifest": task.approved,
        "listing": manifest.listing,
        "duration_s": 60.0,
    }
    made = publish(PublishToLibraryArgs.model_validate({**fixed, **files}), rig.context(task))
    new = NewPublication(key=task.key, run_id=task.key, channel_id="tides", publisher="library", provenance="rehearsal", manifest_digest=task.approved)
    with rig.database.unit_of_work() as session:
        publications = PublicationRepository(session)
        row = publications.create(new)
        publications.transition(row.id, Transition("verified", details={"publish_at": DUE.isoformat()}, public_at=DUE))
    return task, Path(made.location)


def move(rig: Rig, task: UploadVideoArgs, to: datetime = LATER) -> bool:
    return run(RescheduleVideoArgs(key=task.key, publish_at=to, reason="ada"), rig.context(task)).changed


def test_an_entry_is_shown_at_its_new_time(rig: Rig) -> None:
    task, entry = shelved(rig)
    approved = (entry / "metadata.json").read_bytes()
    assert (move(rig, task), move(rig, task)) == (True, False)
    record = json.loads((entry / "publication.json").read_text("utf-8"))
    assert (record["publish_at"], record["published"], record["privacy"]) == (LATER.isoformat(), LATER.isoformat(), "private")
    assert [(one["from"], one["to"], one["reason"]) for one in record["moved"]] == [(DUE.isoformat(), LATER.isoformat(), "ada")]
    assert ((entry / "metadata.json").read_bytes(), rig.row(task).published_at) == (approved, LATER)


def test_an_entry_that_was_pulled_back_or_is_gone_is_not_moved(rig: Rig) -> None:
    task, entry = shelved(rig)
    known = rig.row(task).published_at
    change_visibility(ChangeVisibilityArgs(key=task.key, privacy="private", reason="a wrong fact"), rig.context(task))
    with pytest.raises(ToolError, match="taken off its schedule"):
        move(rig, task)
    assert rig.row(task).published_at == known
    entry.rename(entry.with_name("elsewhere"))
    with pytest.raises(ToolError, match="has no such publication"):
        move(rig, task)
