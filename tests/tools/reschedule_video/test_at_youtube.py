"""A scheduled video at YouTube is moved by one update, and everything that counts from its time with it; never once it is seen or was pulled back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from infra.clock import SYSTEM_CLOCK
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.slots import SlotRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.checks import CHECK_DELAYS, CheckRepository
from memory.repositories.runs import RunRepository
from memory.repositories.slots import SlotRepository
from tests.tools.upload_video.conftest import START, Rig
from tests.tools.upload_video.conftest import rig as rig
from tools.base import ToolError
from tools.change_visibility.schema import ChangeVisibilityArgs
from tools.change_visibility.tool import run as change_visibility
from tools.reschedule_video.schema import RescheduleVideoArgs, RescheduleVideoResult
from tools.reschedule_video.tool import run
from tools.upload_video.schema import UploadVideoArgs
from tools.vendors.youtube.sandbox_world import Video

DUE, LATER = START + timedelta(hours=3), START + timedelta(hours=30)


def scheduled(rig: Rig, due: datetime = DUE) -> tuple[UploadVideoArgs, Video]:
    """Publish a video that waits for its time, with the looks at it."""
    task = rig.task(privacy="private", publish_at=due)
    video = rig.world.videos[rig.run(task).video_id]
    with rig.database.unit_of_work() as session:
        CheckRepository(session).schedule(rig.row(task))
    return task, video


def move(rig: Rig, task: UploadVideoArgs, to: datetime = LATER) -> RescheduleVideoResult:
    args = RescheduleVideoArgs(key=task.key, publish_at=to, reason="ada", place="youtube")
    return run(args, rig.context(task))


def written(video: Video) -> datetime:
    return datetime.fromisoformat(video.status["publishAt"])


def test_it_is_moved_once_and_only_its_time_changes(rig: Rig) -> None:
    task, video = scheduled(rig)
    before, approved = dict(video.status), rig.row(task).manifest_digest
    moved = move(rig, task)
    assert (moved.previous, moved.publish_at, moved.changed, moved.verified) == (DUE, LATER, True, True)
    assert video.status == {**before, "publishAt": video.status["publishAt"]}
    assert (written(video), video.status["privacyStatus"]) == (LATER, "private")
    row = rig.row(task)
    assert (row.published_at, row.details["publish_at"], row.state, row.manifest_digest) == (LATER, LATER.isoformat(), "verified", approved)
    assert row.history[-1]["note"].endswith("UTC by ada")
    with rig.database.unit_of_work() as session:
        assert [one.due_at for one in CheckRepository(session).list_(row.id)] == [LATER + delay for delay in CHECK_DELAYS.values()]
    effects = len(rig.world.effects)
    again = move(rig, task)
    assert (again.changed, len(rig.world.effects)) == (False, effects)
    assert rig.row(task).history == row.history
    rig.advance(hours=29)
    rig.world.publish_due()
    assert video.status["privacyStatus"] == "private"
    rig.advance(hours=2)
    rig.world.publish_due()
    assert video.status["privacyStatus"] == "public"
    # What is run again after its end finds it as it left it.
    assert rig.run(task).video_id == video.id


def test_the_slot_of_a_fleet_is_kept_for_the_new_time_and_the_fleet_looks_again(rig: Rig) -> None:
    task, _ = scheduled(rig)
    times: dict[str, Any] = {"starts_at": START, "ends_at": START + timedelta(days=3), "wake_at": SYSTEM_CLOCK.now() + timedelta(days=1)}
    fleet = AutonomousRunRecord(id="auto_1", tenant_id="tenant_local", key="k", request={}, provenance="rehearsal", budget_microusd=1, **times)
    slot = SlotRecord(id="slot_1", autonomous_run_id="auto_1", key="one", channel_id="tides", publish_at=DUE, launch_at=START, status="launched")
    with rig.database.unit_of_work() as session:
        session.add(fleet)
        session.flush()
        slot.production_run_id = task.key
        session.add(slot)
        RunRepository(session).get(task.key).autonomous_run_id = "auto_1"
    move(rig, task)
    with rig.database.unit_of_work() as session:
        kept = SlotRepository(session).get("slot_1")
        assert (kept.publish_at, kept.status, kept.history[-1]["note"]) == (LATER, "launched", f"moved to {LATER:%Y-%m-%d %H:%M} UTC by ada")
        woken = AutonomousRunRepository(session).get("auto_1").wake_at
        assert woken is not None
        assert woken < SYSTEM_CLOCK.now() + timedelta(hours=1)


def test_a_worker_that_died_before_it_wrote_the_time_down_leaves_nothing_to_tell_youtube(rig: Rig) -> None:
    task, video = scheduled(rig)
    video.status["publishAt"] = LATER.isoformat().replace("+00:00", "Z")
    moved = move(rig, task)
    assert (moved.changed, rig.row(task).published_at) == (False, LATER)


def test_what_is_seen_was_pulled_back_or_is_about_to_be_shown_is_not_moved(rig: Rig) -> None:
    task, video = scheduled(rig)
    known = rig.row(task).published_at
    rig.advance(hours=2, minutes=59, seconds=30)
    with pytest.raises(ToolError, match="too soon to be moved"):
        move(rig, task)
    rig.advance(hours=1)
    with pytest.raises(ToolError, match="it is public already"):
        move(rig, task)
    assert (video.status["privacyStatus"], rig.row(task).published_at) == ("public", known)
    other, hidden = scheduled(rig, rig.clock.at + timedelta(hours=5))
    change_visibility(ChangeVisibilityArgs(key=other.key, privacy="private", reason="a wrong fact", place="youtube"), rig.context(other))
    with pytest.raises(ToolError, match="taken off its schedule"):
        move(rig, other, LATER + timedelta(days=1))
    assert "publishAt" not in hidden.status
    with pytest.raises(ToolError, match="came while the move waited"):
        move(rig, other, START)


def test_a_publication_that_is_not_there_or_not_through_is_told(rig: Rig) -> None:
    task = rig.task(privacy="private", publish_at=DUE)
    with pytest.raises(ToolError, match="no such publication that waits"):
        move(rig, task)
