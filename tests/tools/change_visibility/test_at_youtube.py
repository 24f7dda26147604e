"""A video at YouTube is pulled back and shown again: read first, every other flag kept, read back, and nothing sent when nothing changes."""

from datetime import timedelta

import pytest

from tests.tools.upload_video.conftest import START, Rig
from tests.tools.upload_video.conftest import rig as rig
from tools.base import ToolError
from tools.change_visibility.schema import ChangeVisibilityArgs, Privacy
from tools.change_visibility.tool import run
from tools.upload_video.schema import UploadVideoArgs


def _change(rig: Rig, task: UploadVideoArgs, privacy: Privacy) -> tuple[str, str, bool]:
    args = ChangeVisibilityArgs(key=task.key, privacy=privacy, reason="a wrong fact", place="youtube")
    result = run(args, rig.context(task))
    return result.previous, result.privacy, result.changed


def test_only_the_privacy_changes_and_the_publication_remembers_it(rig: Rig) -> None:
    task = rig.task()
    video = rig.world.videos[rig.run(task).video_id]
    before = dict(video.status)
    assert _change(rig, task, "private") == ("public", "private", True)
    assert video.status == {**before, "privacyStatus": "private"}
    assert rig.row(task).details["privacy"] == "private"
    updates = rig.world.spent["units", rig.world.day()]
    assert _change(rig, task, "private") == ("private", "private", False)
    assert rig.world.spent["units", rig.world.day()] == updates + 1
    assert _change(rig, task, "unlisted") == ("private", "unlisted", True)


def test_a_platform_that_shows_it_otherwise_afterwards_is_told(rig: Rig) -> None:
    task = rig.task()
    rig.run(task)
    _change(rig, task, "private")
    rig.world.accounts["UCtides"].private_lock = True
    with pytest.raises(ToolError, match="is private at YouTube after it was set to public"):
        _change(rig, task, "public")


def test_a_video_or_publication_that_is_not_there_is_told(rig: Rig) -> None:
    task = rig.task()
    with pytest.raises(ToolError, match="no such publication"):
        _change(rig, task, "private")
    del rig.world.videos[rig.run(task).video_id]
    with pytest.raises(ToolError, match="does not hold it any more"):
        _change(rig, task, "private")


def test_a_video_that_waits_for_its_time_is_taken_off_the_schedule(rig: Rig) -> None:
    task = rig.task(privacy="private", publish_at=START + timedelta(hours=3))
    video = rig.world.videos[rig.run(task).video_id]
    assert "publishAt" in video.status
    assert _change(rig, task, "private") == ("private", "private", True)
    rig.advance(hours=4)
    rig.world.publish_due()
    assert (video.status["privacyStatus"], "publishAt" in video.status) == ("private", False)
