"""Pulling a video back over HTTP, through to the platform: published by the real tool, pulled back by what a worker of the publish queue is made of."""

from infra.database import Database
from memory.repositories.jobs import JobRepository
from memory.repositories.workers import WorkerRepository
from tests.fixtures.service import Service
from tests.tools.upload_video.conftest import Rig
from tests.tools.upload_video.conftest import rig as rig
from tools.registry import Registry
from tools.worker import Desk, JobExecutor
from tools.worker_joining import supervised
from tools.worker_lease import Heart


def executor(rig: Rig, database: Database) -> JobExecutor:
    """Return a worker of the publish queue that takes the jobs that the test names."""
    me = supervised("publish", rig.settings)
    with database.unit_of_work() as session:
        WorkerRepository(session).register(me)
    return JobExecutor(Desk(database, rig.settings, Registry(), me), Heart(database, me.id, rig.settings.job_lease_s))


async def test_a_published_video_is_seen_by_nobody_any_more(rig: Rig, service: Service) -> None:
    task = rig.task()
    video = rig.world.videos[rig.run(task).video_id]
    assert video.status["privacyStatus"] == "public"
    worker = executor(rig, rig.database)
    where = "/v1/videos/v1"
    assert (await service.client.get(where)).json()["status"] in {"published", "scheduled"}
    asked = await service.client.post(f"{where}/pull-back", json={"reason": "wrong figures"})
    assert (asked.status_code, asked.json()["video"]["status"]) == (202, "pulling_back"), asked.text
    worker.execute(asked.json()["job"])
    with rig.database.unit_of_work() as session:
        job = JobRepository(session).get(asked.json()["job"])
    assert (job.state, (job.result or {}).get("privacy")) == ("done", "private"), job.error
    assert video.status["privacyStatus"] == "private"
    told = (await service.client.get(where)).json()
    assert (told["status"], told["words"]) == ("pulled_back", "it was published and is private now")
    again = await service.client.post(f"{where}/pull-back", json={"reason": "once more"})
    assert (again.status_code, again.json()["code"]) == (409, "not_published")
