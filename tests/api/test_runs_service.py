"""Runs over HTTP: productions that the stack drives for whoever asks, and fleets that start once everything is there."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from api import readiness
from api.autonomous.schemas import AutonomousRunDetail, AutonomousRunPage, ReadinessView, StartedRun
from api.runs.schemas import RunCosts, RunPage, Timeline, Trace
from graphs.fleet import Fleet
from graphs.fleet_driving import MOST_SAME, REST_TURNS
from graphs.orchestrator import Ended, Orchestrator
from infra.clock import SYSTEM_CLOCK
from infra.errors import Unavailable
from memory.repositories.channels import ChannelRepository
from memory.repositories.heartbeats import HeartbeatRepository
from tests.fixtures.production import World
from tests.fixtures.service import Service

CHANNEL = "field-notes"
FLEET = {"hours": 6, "budget_usd": 5, "channels": [CHANNEL], "videos": 1}


@pytest.fixture(autouse=True)
def kept_up(service: Service) -> None:
    """Let there be the channel, a worker for every queue and everybody who keeps a stack up."""
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure(CHANNEL, CHANNEL, "Field Notes")
        for name in readiness.NEEDED_PROCESSES:
            HeartbeatRepository(session).beat(name)
        for queue in ("io", "cpu", "publish"):
            values = f"'{queue}', '{queue}', 'host', 1, 1.0, '', '', 0"
            session.connection().exec_driver_sql(
                f"insert into workers (id, queue, host, pid, process_started, code, media_place, clock_ahead_s) values ({values})"
            )


async def start(service: Service, key: str | None = None, **more: Any) -> Any:
    return await service.client.post("/v1/runs", json={"channel": CHANNEL, "seconds": 12, **more}, headers={"idempotency-key": key} if key else {})


async def post(service: Service, path: str, body: dict[str, Any]) -> Any:
    return await service.client.post(path, json=body)


async def until(world: World, fleet: Fleet, run_id: str, status: str) -> None:
    """Turn the fleet until the run stands so, at most 20 s."""
    ends = SYSTEM_CLOCK.monotonic() + 20
    while world.run(run_id).status != status:
        assert SYSTEM_CLOCK.monotonic() < ends, world.run(run_id).status
        await fleet.drive_due()
        await asyncio.sleep(0.02)


async def test_a_production_is_driven_by_the_stack_until_it_asks_and_after_it_is_answered(world: World, service: Service) -> None:
    made = await start(service, "one")
    assert (made.status_code, made.json()["status"], made.json()["request"]["autonomy"]) == (202, "running", "review")
    where, run_id = made.headers["location"], made.json()["id"]
    assert (await start(service, "one")).json()["id"] == run_id
    fleet = Fleet(world.book, world.checkpointers, world.orchestrator)
    await until(world, fleet, run_id, "waiting")
    found = (await service.client.get(where)).json()
    approval = (await service.client.get(f"/v1/approvals/{found['approval']}")).json()
    await post(service, f"/v1/approvals/{approval['id']}/decision", {"type": "accept", "manifest": approval["manifest"]})
    await until(world, fleet, run_id, "published")
    ended = RunPage.model_validate_json((await service.client.get("/v1/runs", params={"status": "published", "channel": CHANNEL})).content).items
    assert [(one.id, one.title, one.approval) for one in ended] == [(run_id, "Draft 0", None)]
    told = Timeline.model_validate_json((await service.client.get(f"{where}/timeline")).content)
    assert [one.kind for one in told.items] == ["run.waiting", "run.published"]
    newer = Timeline.model_validate_json((await service.client.get(f"{where}/timeline", params={"cursor": told.next})).content)
    assert (newer.items, newer.next) == ([], told.next)
    again = await post(service, f"{where}/stop", {"reason": "too late"})
    assert (again.status_code, again.json()["code"]) == (409, "run_finished")
    await fleet.stop()


async def test_a_trace_shows_what_agents_chose_and_kept_and_each_kept_thing_can_be_read(world: World, service: Service) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    trace = Trace.model_validate_json((await service.client.get(f"/v1/runs/{run_id}/trace")).content)
    assert ("write", "news") in {(one.node, one.decision["choice"]) for one in trace.decisions}
    kept = {one.kind: one.digest for one in trace.artifacts}
    assert {"brief", "script", "cited", "review", "thumbnails", "manifest", "listing"} <= set(kept)
    assert trace.snapshots[0].artifact in kept.values()
    script = await service.client.get(f"/v1/runs/{run_id}/artifacts/{kept['script']}")
    assert (script.json()["title"], script.headers["etag"]) == ("Draft 0", f'"{kept["script"]}"')
    assert (await service.client.get(f"/v1/runs/{run_id}/artifacts/{'0' * 64}")).status_code == 404
    costs = RunCosts.model_validate_json((await service.client.get(f"/v1/runs/{run_id}/costs")).content)
    assert (costs.total_usd, costs.by_provider) == (0.0, [])
    service.asking.sign_in(tenant="tenant_other")
    for path in ("", "/trace", "/timeline", "/costs", f"/artifacts/{kept['script']}"):
        assert (await service.client.get(f"/v1/runs/{run_id}{path}")).status_code == 404, path
    assert (await service.client.get("/v1/runs")).json()["items"] == []
    assert (await post(service, f"/v1/runs/{run_id}/stop", {"reason": "mine"})).status_code == 404


async def test_a_production_that_waits_is_ended_with_its_question(world: World, service: Service) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    stopped = await post(service, f"/v1/runs/{run_id}/stop", {"reason": "not any more"})
    assert (stopped.status_code, stopped.json()["stop_reason"]) == (202, "not any more")
    fleet = Fleet(world.book, world.checkpointers, world.orchestrator)
    await until(world, fleet, run_id, "failed")
    found = (await service.client.get(f"/v1/runs/{run_id}")).json()
    assert (found["reasons"], found["error"], found["approval"]) == (["stopped by user_1: not any more"], "stopped", None)
    assert (await service.client.get("/v1/approvals", params={"status": "pending"})).json()["items"] == []


async def test_a_production_that_is_being_made_is_let_go_by_whoever_makes_it(world: World, service: Service) -> None:
    run_id = await world.begin()

    async def want_its_end(node: str) -> None:
        if node == "narrate":
            await post(service, f"/v1/runs/{run_id}/stop", {"reason": "changed our mind"})

    world.caller.before = want_its_end
    fleet = Fleet(world.book, world.checkpointers, world.orchestrator)
    with pytest.raises(Exception, match="is to end: changed our mind"):
        await world.drive(run_id)
    await until(world, fleet, run_id, "failed")
    assert world.one("select count(*) from publications") == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"seconds": 5}, 422),
        ({"topic": "x"}, 422),
        ({"sources": ["/etc/passwd"]}, 422),
        ({"channel": "nobody"}, 404),
        ({"publish_at": "2020-01-01T00:00:00Z"}, 422),
        ({"publish_at": "2030-01-01T00:00:00"}, 422),
        ({"more": 1}, 422),
    ],
)
async def test_a_production_that_cannot_be_made_is_refused_by_its_field(service: Service, body: dict[str, Any], status: int) -> None:
    assert (await start(service, **body)).status_code == status


async def test_a_paused_channel_and_a_queue_that_nobody_serves_refuse_a_production(service: Service) -> None:
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).pause(CHANNEL, "a strike")
    assert (await start(service)).json()["code"] == "channel_paused"
    with service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("delete from workers where queue = 'cpu'")
    unserved = await start(service)
    assert (unserved.status_code, "cpu" in unserved.json()["detail"]) == (503, True)


async def test_a_fleet_starts_once_is_changed_paused_resumed_and_stopped(service: Service) -> None:
    made = [await service.client.post("/v1/autonomous-runs", json=FLEET, headers={"idempotency-key": "monday"}) for _ in range(2)]
    assert [one.status_code for one in made] == [202, 202], made[0].text
    started = StartedRun.model_validate_json(made[0].content)
    assert (len(started.plan), made[1].content) == (1, made[0].content)
    where = made[0].headers["location"]
    taken = await post(service, "/v1/autonomous-runs", FLEET)
    assert (taken.status_code, taken.json()["code"]) == (409, "channels_taken")
    read = await service.client.get(f"{where}/request")
    assert (await service.client.patch(f"{where}/request", json={"hours": 8})).status_code == 428
    changed = await service.client.patch(f"{where}/request", json={"hours": 8}, headers={"if-match": read.headers["etag"]})
    assert (changed.status_code, changed.json()["request"]["hours"], changed.json()["revision"]) == (200, 8.0, 2)
    stale = await service.client.patch(f"{where}/request", json={"hours": 9}, headers={"if-match": read.headers["etag"]})
    assert stale.status_code == 412
    assert (await post(service, f"{where}/resume", {})).status_code == 409
    assert (await post(service, f"{where}/pause", {"reason": "a holiday"})).json()["status"] == "paused"
    assert (await post(service, f"{where}/resume", {})).json()["status"] == "running"
    stopped = AutonomousRunDetail.model_validate_json((await post(service, f"{where}/stop", {"reason": "enough"})).content)
    assert (stopped.status, stopped.reason) == ("stopping", "stopped by user_1: enough")
    listed = AutonomousRunPage.model_validate_json((await service.client.get("/v1/autonomous-runs", params={"status": "stopping"})).content).items
    assert [one.id for one in listed] == [started.run_id]
    events = (await service.client.get(f"{where}/timeline")).json()["items"]
    assert [one["kind"] for one in events] == ["operator.edited", "operator.paused", "operator.resumed", "operator.stopped"]
    assert (await service.client.get(f"{where}/reports")).json()["items"] == []
    assert (await service.client.get(f"{where}/costs")).json()["total_usd"] == 0
    assert (await post(service, "/v1/slots/slot_none/answer", {"catch_up": True})).status_code == 404
    service.asking.sign_in(tenant="tenant_other")
    for path in ("", "/request", "/timeline", "/costs", "/reports"):
        assert (await service.client.get(f"{where}{path}")).status_code == 404, path


async def test_whether_a_fleet_could_start_is_told_without_starting_it(service: Service) -> None:
    looked = ReadinessView.model_validate_json((await post(service, "/v1/autonomous-runs/readiness?live=true", FLEET)).content)
    assert (looked.ready, looked.problems, len(looked.plan), looked.asked_outside) == (True, [], 1, True)
    assert (await service.client.get("/v1/autonomous-runs")).json()["items"] == []
    assert (await service.client.post("/v1/tasks", json={"kind": "topic", "topic": "salt lakes"})).json()["reason"].startswith("no autonomous run is on")
    run = StartedRun.model_validate_json((await post(service, "/v1/autonomous-runs", FLEET)).content).run_id
    again = ReadinessView.model_validate_json((await post(service, "/v1/autonomous-runs/readiness", FLEET)).content)
    assert [(one.field, run in one.fix) for one in again.problems if run in one.said] == [("channels", True)]
    assert {one["reason"] for one in (await service.client.get("/v1/tasks")).json()["items"]} == {""}
    await post(service, f"/v1/autonomous-runs/{run}/pause", {"reason": "a holiday"})
    assert {one["reason"] for one in (await service.client.get("/v1/tasks")).json()["items"]} == {"the autonomous run that could take it is paused; resume it"}


async def test_a_fleet_that_lacks_something_is_refused_with_each_thing_and_its_fix(service: Service) -> None:
    with service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("delete from workers where queue = 'cpu'")
    refused = await post(service, "/v1/autonomous-runs", FLEET)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    assert "workers" in {one["field"] for one in refused.json()["problems"]}
    looked = await post(service, "/v1/autonomous-runs/readiness", FLEET)
    told = ReadinessView.model_validate_json(looked.content)
    assert (looked.status_code, told.ready, told.asked_outside) == (200, False, False)
    assert "workers" in {one.field for one in told.problems} <= {one["field"] for one in refused.json()["problems"]}
    unknown = await post(service, "/v1/autonomous-runs", {**FLEET, "channels": ["nobody"]})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "channel_missing")
    assert (await post(service, "/v1/autonomous-runs", {**FLEET, "hours": 0})).status_code == 422
    assert (await post(service, "/v1/autonomous-runs", {**FLEET, "zone": "Mars/Olympus"})).status_code == 422


async def test_a_fault_that_nobody_foresaw_stops_no_other_production(world: World, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = [(await start(service, key)).json()["id"] for key in ("broken", "fine")]
    drive, tried = Orchestrator.drive, list[str]()

    async def drives(self: Orchestrator, run_id: str) -> Ended:
        if run_id == broken:
            tried.append(run_id)
            raise KeyError("nobody foresaw this")
        return await drive(self, run_id)

    monkeypatch.setattr(Orchestrator, "drive", drives)
    fleet, ends = Fleet(world.book, world.checkpointers, world.orchestrator), SYSTEM_CLOCK.monotonic() + 20
    while not tried or world.run(fine).status == "running" or fleet.driving:
        assert SYSTEM_CLOCK.monotonic() < ends, (tried, world.run(fine).status)
        await fleet.drive_due()
        await asyncio.sleep(0.005)
    assert world.run(broken).status == "running"


async def test_the_same_trouble_again_and_again_leaves_a_production_to_a_person(world: World, service: Service) -> None:
    run_id = (await start(service, "stuck")).json()["id"]
    trouble = True

    async def break_down(node: str) -> None:
        if trouble:
            raise Unavailable("the disk of the voices is away")

    world.caller.before = break_down
    fleet = Fleet(world.book, world.checkpointers, world.orchestrator)

    def rested() -> None:
        # Its rest is over at once, and the loop's own too.
        with world.database.unit_of_work() as session:
            session.execute(text("update run_events set created_at = created_at - interval '1 hour' where run_id = :run"), {"run": run_id})

    for times in range(1, MOST_SAME + 1):
        ends = SYSTEM_CLOCK.monotonic() + 20
        while world.one("select count(*) from run_events where kind = 'run.stopped'") < times or fleet.driving:
            assert SYSTEM_CLOCK.monotonic() < ends, times
            await fleet.drive_due()
            await asyncio.sleep(0.005)
        rested()
    for _ in range(2 * REST_TURNS):
        assert await fleet.drive_due() == 0
    (incident,) = (await service.client.get("/v1/incidents")).json()["items"]
    assert (incident["severity"], "the disk of the voices is away" in incident["summary"]) == ("critical", True)
    assert world.run(run_id).status == "running"
    trouble = False
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await post(service, f"/v1/runs/{run_id}/resume", {})).status_code == 404
    service.asking.sign_in()
    assert (await post(service, f"/v1/runs/{run_id}/resume", {})).status_code == 202
    await until(world, fleet, run_id, "waiting")
    await fleet.stop()
