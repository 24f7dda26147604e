"""Moving an approved video over HTTP, through to the platform: published by the real tool, moved by what a worker of the publish queue is made of."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from api.videos import moving
from infra.clock import SYSTEM_CLOCK
from memory.repositories.channels import ChannelRepository
from memory.repositories.jobs import JobRepository, JobView
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.runs import RunRepository
from tests.api.test_pull_back import executor
from tests.fixtures.service import EVERYTHING, Service
from tests.tools.upload_video.conftest import Rig
from tests.tools.upload_video.conftest import rig as rig
from tools.vendors.youtube.sandbox_world import Video
from tools.worker import JobExecutor

WHERE = "/v1/videos/v1"


def published(rig: Rig, **ahead: float) -> tuple[Video, datetime]:
    """Publish a video that waits for its time, on the clock of the service."""
    rig.clock.at = SYSTEM_CLOCK.now()
    due = (rig.clock.at + timedelta(**ahead)).replace(microsecond=0)
    task = rig.task(privacy="private", publish_at=due)
    with rig.database.unit_of_work() as session:
        RunRepository(session).get(task.key).request = {"channel": "tides", "privacy": "public"}
    return rig.world.videos[rig.run(task).video_id], due


def worker_of(rig: Rig) -> JobExecutor:
    """Return a worker of the publish queue that counts as heard of, however long the test takes."""
    made = executor(rig, rig.database)
    change(rig, "update workers set heartbeat_at = now() + interval '1 hour'")
    return made


def change(rig: Rig, statement: str) -> None:
    with rig.database.unit_of_work() as session:
        session.connection().exec_driver_sql(statement)


def run(rig: Rig, worker: JobExecutor, job: str) -> None:
    """Run a job as its worker does once the dispatcher has handed it over."""
    change(rig, f"update jobs set state = 'dispatched' where id = '{job}' and state = 'queued'")
    worker.execute(job)


def moves(rig: Rig) -> list[str]:
    with rig.database.unit_of_work() as session:
        return [job.id for job in JobRepository(session).list_of_run("run_000001") if job.node == moving.NODE]


async def patch(service: Service, to: datetime, match: str = "*") -> httpx.Response:
    return await service.client.patch(WHERE, json={"publish_at": to.isoformat()}, headers={"if-match": match})


def with_worker(rig: Rig, service: Service, patched: pytest.MonkeyPatch) -> None:
    """Have every move that is asked for run while its answer waits for it."""
    worker, submit = worker_of(rig), service.state.caller.submit

    async def submitted(*args: Any, **named: Any) -> JobView:
        job = await submit(*args, **named)
        run(rig, worker, job.id)
        return job

    patched.setattr(service.state.caller, "submit", submitted)


async def told(service: Service) -> dict[str, Any]:
    body: dict[str, Any] = (await service.client.get(WHERE)).json()
    return body


async def test_an_approved_video_is_moved_and_its_audience_sees_it_then(rig: Rig, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PATIENCE_S", 60.0)
    video, due = published(rig, hours=2)
    with_worker(rig, service, monkeypatch)
    later = due + timedelta(days=1)
    before = await service.client.get(WHERE)
    assert (before.json()["status"], before.json()["why_fixed"], before.json()["moving"]) == ("scheduled", "", None)
    assert (await patch(service, later, '"old"')).status_code == 412
    answer = await patch(service, later, before.headers["etag"])
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert (body["status"], datetime.fromisoformat(body["published_at"]), datetime.fromisoformat(body["publish_at"])) == ("scheduled", later, later)
    assert (datetime.fromisoformat(video.status["publishAt"]), video.status["privacyStatus"]) == (later, "private")
    with rig.database.unit_of_work() as session:
        row = session.connection().exec_driver_sql("select actor, details::jsonb ->> 'to' from audit_events where action = 'video.rescheduled'").one()
    assert tuple(row) == ("user_1", later.isoformat())
    same = await patch(service, later)
    assert (same.status_code, "shown at that time already" in same.json()["detail"]) == (422, True)
    # At YouTube somebody took it off its schedule: that is told in the answer, and stays told.
    del video.status["publishAt"]
    refused = await patch(service, later + timedelta(hours=1))
    assert (refused.status_code, refused.json()["code"]) == (409, "not_moved")
    assert "taken off its schedule" in refused.json()["detail"]
    assert (await told(service))["moving"]["state"] == "failed"
    assert (await told(service))["published_at"] == body["published_at"]


async def test_the_answer_does_not_wait_for_a_platform_that_takes_its_time(rig: Rig, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PATIENCE_S", 0.01)
    video, due = published(rig, hours=2)
    worker = worker_of(rig)
    answer = await patch(service, due + timedelta(hours=1))
    assert (answer.status_code, answer.json()["moving"]["state"]) == (202, "waiting")
    again = await patch(service, due + timedelta(hours=2))
    assert (again.status_code, "moved already" in again.json()["detail"]) == (409, True)
    # Pulled back meanwhile, it is never put on the schedule again.
    back = await service.client.post(f"{WHERE}/pull-back", json={"reason": "wrong figures"})
    run(rig, worker, back.json()["job"])
    run(rig, worker, moves(rig)[0])
    assert (video.status["privacyStatus"], "publishAt" in video.status) == ("private", False)
    assert (await told(service))["status"] == "pulled_back"
    late = await patch(service, due + timedelta(hours=3))
    assert (late.status_code, "pulled back" in late.json()["detail"]) == (409, True)


async def test_who_may_move_it_and_when_it_stays_where_it_is(rig: Rig, service: Service) -> None:
    _, due = published(rig, minutes=20)
    later = due + timedelta(hours=1)
    service.asking.sign_in("user_2", EVERYTHING, via="token")
    assert (await patch(service, later)).status_code == 403
    service.asking.sign_in()
    soon = await patch(service, SYSTEM_CLOCK.now() + timedelta(minutes=1))
    assert (soon.status_code, "give a time between" in soon.json()["detail"]) == (422, True)
    with rig.database.unit_of_work() as session:
        ChannelRepository(session).get("tides").two_person = True
    assert "two people accepted it" in (await patch(service, later)).json()["detail"]
    with rig.database.unit_of_work() as session:
        ChannelRepository(session).get("tides").two_person = False
        PlatformChannelRepository(session).mark_ended("tides", "the owner took it back")
    cut = await patch(service, later)
    assert (cut.status_code, "is not connected to YouTube any more" in cut.json()["detail"]) == (409, True)
    assert "connect its account again" in (await told(service))["why_fixed"]
    change(rig, "update publications set published_at = now() + interval '2 minutes'")
    close = await patch(service, later)
    assert (close.status_code, "less than 5 minutes" in close.json()["detail"]) == (409, True)
    change(rig, "update publications set published_at = now() - interval '2 minutes'")
    shown = await patch(service, later)
    assert (shown.status_code, "it is published" in shown.json()["detail"]) == (409, True)
    assert moves(rig) == []
