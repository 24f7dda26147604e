"""Productions that are paused over HTTP: they rest through restarts, go on where they were, and are told apart everywhere."""

import asyncio
from typing import Any

import pytest

from api import productions
from api.runs.schemas import RunView, Timeline
from graphs.fleet import Fleet
from infra.clock import SYSTEM_CLOCK
from memory.repositories.publications import NewPublication, PublicationRepository
from tests.fixtures.autonomy import Skies
from tests.fixtures.production import World
from tests.fixtures.service import Service

PARALLEL = 20


@pytest.fixture
def fleet(world: World) -> Fleet:
    """A conductor."""
    return Fleet(world.book, world.checkpointers, world.orchestrator)


async def conducted(world: World, autonomy: str = "autonomous") -> str:
    """Write down a production that the stack drives."""
    run_id = await world.begin(autonomy)
    world.one("update runs set conducted = true returning id")
    return run_id


async def post(service: Service, run_id: str, verb: str, body: dict[str, Any] | None = None) -> Any:
    return await service.client.post(f"/v1/runs/{run_id}/{verb}", json=body)


async def until(world: World, fleet: Fleet, run_id: str, status: str) -> None:
    """Turn the fleet until the run stands so and nobody drives it, at most a minute."""
    ends = SYSTEM_CLOCK.monotonic() + 60
    while world.run(run_id).status != status or fleet.driving:
        assert SYSTEM_CLOCK.monotonic() < ends, (world.run(run_id).status, fleet.driving)
        await fleet.drive_due()
        await asyncio.sleep(0.02)


def kinds(world: World, run_id: str) -> str:
    return str(world.one("select string_agg(kind, ' ' order by seq) from run_events where run_id = :run", run=run_id))


async def test_one_that_is_paused_in_the_middle_rests_through_a_restart_and_its_video_comes_once(world: World, service: Service, fleet: Fleet) -> None:
    run_id = await conducted(world)

    async def rest(node: str) -> None:
        if node == "render":
            world.caller.before = None
            assert (await post(service, run_id, "pause", {"reason": "its voice is wrong"})).status_code == 202

    world.caller.before = rest
    await until(world, fleet, run_id, "paused")
    await fleet.stop()
    another, made = Fleet(world.book, world.checkpointers, world.orchestrator), len(world.caller.ran)
    for _ in range(3):
        assert await another.drive_due() == 0
    found = RunView.model_validate_json((await service.client.get(f"/v1/runs/{run_id}")).content)
    assert (found.status, found.paused and (found.paused.by, found.paused.reason)) == ("paused", ("user_1", "its voice is wrong"))
    assert [one["id"] for one in (await service.client.get("/v1/runs", params={"status": "paused"})).json()["items"]] == [run_id]
    assert (await service.client.get("/v1/system/waiting")).json()["runs"] == {"making": 0, "waiting": 0, "paused": 1}
    (video,) = (await service.client.get("/v1/videos", params={"status": "paused"})).json()["items"]
    told = (await service.client.get(f"/v1/videos/{video['id']}")).json()
    assert (told["status"], told["waits_for"]) == ("paused", "a person, who lets it go on")
    assert (len(world.caller.ran), world.run(run_id).lease_owner) == (made, None)
    resumed = await post(service, run_id, "resume")
    assert (resumed.status_code, resumed.json()["status"], resumed.json()["paused"]) == (202, "running", None)
    await until(world, another, run_id, "published")
    assert len(world.caller.ran) == len(world.caller.done)
    assert world.one("select count(*) from publications") == 1
    told = Timeline.model_validate_json((await service.client.get(f"/v1/runs/{run_id}/timeline")).content)
    assert [one.kind for one in told.items] == ["run.paused", "run.resumed", "run.published"]
    assert world.one("select string_agg(kind, ' ' order by id) from events where kind like '%.paused'") == "run.paused run_event.run.paused"
    assert world.one("select string_agg(action, ' ' order by id) from audit_events where subject = :run", run=run_id) == "run.paused run.resumed"


async def test_many_pauses_at_once_are_one_and_so_is_a_repeated_request(world: World, service: Service) -> None:
    run_id = await conducted(world)
    answers = await asyncio.gather(*(post(service, run_id, "pause") for _ in range(PARALLEL)))
    assert {one.status_code for one in answers} == {202}
    again = [await service.client.post(f"/v1/runs/{run_id}/pause", headers={"idempotency-key": "once"}) for _ in range(2)]
    assert (again[0].content, again[1].headers["idempotent-replayed"]) == (again[1].content, "true")
    assert kinds(world, run_id) == "run.paused"
    assert world.one("select count(*) from audit_events where action = 'run.paused'") == 1


async def test_pauses_resumes_and_stops_at_once_leave_one_ending(world: World, service: Service, fleet: Fleet) -> None:
    run_id = await conducted(world)
    verbs = [("pause", None), ("resume", None), ("stop", {"reason": "enough"})] * 4
    answers = await asyncio.gather(*(post(service, run_id, verb, body) for verb, body in verbs))
    assert {one.status_code for one in answers} <= {202, 409}
    refused = await post(service, run_id, "pause")
    assert (refused.status_code, "somebody wants it to end" in refused.json()["detail"]) == (409, True)
    await until(world, fleet, run_id, "failed")
    assert kinds(world, run_id).split().count("run.failed") == 1
    late = await post(service, run_id, "pause")
    assert (late.status_code, late.json()["code"]) == (409, "run_finished")


async def test_one_that_waits_is_decided_while_it_is_paused_and_goes_on_only_when_it_is_resumed(world: World, service: Service, fleet: Fleet) -> None:
    run_id = await conducted(world, "review")
    await until(world, fleet, run_id, "waiting")
    assert (await post(service, run_id, "pause")).json()["paused"]["reason"] == "no reason given"
    await world.answer(run_id, {"type": "accept", "args": None})
    assert await fleet.drive_due() == 0
    assert (await post(service, run_id, "resume")).status_code == 202
    await until(world, fleet, run_id, "published")
    assert kinds(world, run_id) == "run.waiting run.paused run.resumed run.published"


async def test_one_that_is_paused_can_be_ended(world: World, service: Service, fleet: Fleet) -> None:
    run_id = await conducted(world)
    await post(service, run_id, "pause")
    assert (await post(service, run_id, "stop", {"reason": "not any more"})).status_code == 202
    assert (await post(service, run_id, "resume")).status_code == 409
    await until(world, fleet, run_id, "failed")
    assert world.one("select error ->> 'code' from runs") == "stopped"


async def test_what_cannot_be_paused_says_why(world: World, service: Service) -> None:
    run_id = await world.begin("autonomous")
    alone = await post(service, run_id, "pause")
    assert (alone.status_code, alone.json()["code"]) == (409, "run_not_conducted")
    assert (await post(service, run_id, "pause", {"reason": ""})).status_code == 422
    assert (await post(service, "run_none", "pause")).status_code == 404
    world.one("update runs set conducted = true returning id")
    with world.database.unit_of_work() as session:
        new = NewPublication(key=run_id, run_id=run_id, channel_id="field-notes", publisher="library", provenance="demo", manifest_digest="0" * 64)
        PublicationRepository(session).create(new)
    begun = await post(service, run_id, "pause")
    assert (begun.status_code, begun.json()["code"]) == (409, "publication_begun")
    assert (world.run(run_id).status, kinds(world, run_id)) == ("running", "None")
    service.asking.sign_in(tenant="tenant_other")
    assert (await post(service, run_id, "pause")).status_code == 404


async def test_an_autonomous_run_lets_a_paused_production_be_and_its_slot_says_so(world: World) -> None:
    skies = Skies(world)
    skies.begin(channels=("deep-orbit",), videos=1)
    await skies.wake()
    skies.due_now()
    await skies.wake()
    (slot,) = skies.slots()
    production = str(slot.production_run_id)
    with world.database.unit_of_work() as session:
        productions.pause(session, production, "a look at its script", "ada")
    skies.execute("update slots set publish_at = now() - interval '2 hours'")
    await skies.cycle()
    (slot,) = skies.slots()
    assert (slot.status, slot.attempts, slot.history[-1]["note"]) == ("launched", 1, "its production is paused by ada: a look at its script")
    skies.execute("update autonomous_runs set status = 'stopping', stop_reason = 'enough'")
    await skies.wake()
    await skies.drive()
    (slot,) = skies.slots()
    assert (slot.status, world.run(production).status) == ("asked", "paused")
    with world.database.unit_of_work() as session:
        productions.resume(session, production, "ada")
    await skies.drive()
    assert world.run(production).status == "published"
    assert world.one("select count(*) from runs") == 1
