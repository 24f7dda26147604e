"""Who may let something be published without a person: a request keeps to its channel's level unless a person who may decide asks for more."""

from typing import Any

import httpx
import pytest

from api import readiness
from api.auth.permissions import permissions_of
from memory.repositories.channels import ChannelRepository
from memory.repositories.heartbeats import HeartbeatRepository
from tests.fixtures.service import EVERYTHING, Service

CHANNEL = "field-notes"
RUN = {"channel": CHANNEL, "seconds": 12}
TASK = {"kind": "video", "topic": "The rings of Saturn"}
FLEET = {"hours": 6, "budget_usd": 5, "channels": [CHANNEL], "videos": 1}


@pytest.fixture(autouse=True)
def kept_up(service: Service) -> None:
    """Let there be the channel, which has `review`, a worker for every queue and everybody who keeps a stack up."""
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure(CHANNEL, CHANNEL, "Field Notes")
        for name in readiness.NEEDED_PROCESSES:
            HeartbeatRepository(session).beat(name)
        for queue in ("io", "cpu", "publish"):
            values = f"'{queue}', '{queue}', 'host', 1, 1.0, '', '', 0"
            session.connection().exec_driver_sql(
                f"insert into workers (id, queue, host, pid, process_started, code, media_place, clock_ahead_s) values ({values})"
            )


def as_token(service: Service) -> None:
    service.asking.sign_in("user_1", EVERYTHING, via="token")


def refused(answer: httpx.Response, field: str = "autonomy", channel: str = CHANNEL, has: str = "review") -> None:
    found = answer.json()
    assert (answer.status_code, found["code"], found["field"], found["channel"], found["has"]) == (403, "level_not_allowed", field, channel, has), found
    assert f"{field}: 'autonomous' leaves less to a person than the channel {channel}, which has '{has}'" in found["detail"]
    assert "only a signed-in person with approvals:decide" in found["detail"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/runs", {**RUN, "autonomy": "autonomous"}, "autonomy"),
        ("/v1/tasks", {**TASK, "autonomy": "autonomous"}, "autonomy"),
        ("/v1/tasks/batch", {"tasks": [TASK, {**TASK, "channel": CHANNEL, "autonomy": "autonomous"}]}, "tasks.1.autonomy"),
        ("/v1/autonomous-runs", {**FLEET, "autonomy": "autonomous"}, "autonomy"),
    ],
)
async def test_a_program_or_whoever_may_not_decide_frees_nothing(service: Service, path: str, body: dict[str, Any], field: str) -> None:
    as_token(service)
    refused(await service.client.post(path, json=body), field)
    service.asking.sign_in("user_2", permissions_of("operator") - {"approvals:decide"})
    refused(await service.client.post(path, json=body), field)
    with service.state.studio.unit_of_work() as session:
        assert session.connection().exec_driver_sql("select count(*) from tasks").scalar_one() == 0


@pytest.mark.parametrize("level", [None, "manual", "review"])
async def test_a_program_may_ask_for_the_channels_own_level_or_a_stricter_one(service: Service, level: str | None) -> None:
    as_token(service)
    made = await service.client.post("/v1/runs", json={**RUN, "autonomy": level})
    assert (made.status_code, made.json()["request"]["autonomy"]) == (202, level or "review"), made.text
    task = await service.client.post("/v1/tasks", json={**TASK, "channel": CHANNEL, "autonomy": level})
    assert (task.status_code, "freed_by" in task.json()["payload"]) == (202, False), task.text


async def test_an_operator_who_may_decide_frees_a_run_a_task_and_a_fleet(service: Service) -> None:
    service.asking.sign_in("user_2", permissions_of("operator"))
    made = await service.client.post("/v1/runs", json={**RUN, "autonomy": "autonomous"})
    assert (made.status_code, made.json()["request"]["autonomy"]) == (202, "autonomous")
    task = await service.client.post("/v1/tasks", json={**TASK, "channel": CHANNEL, "autonomy": "autonomous"})
    assert (task.status_code, task.json()["payload"]["freed_by"]) == (202, "user_2")
    fleet = await service.client.post("/v1/autonomous-runs", json={**FLEET, "autonomy": "autonomous"})
    assert fleet.status_code == 202, fleet.text
    as_token(service)
    assert (await service.client.post(f"/v1/tasks/{task.json()['id']}/cancel", json={})).status_code == 200
    refused(await service.client.post(f"/v1/tasks/{task.json()['id']}/replay"))
    # What a person freed, a program makes neither longer nor dearer.
    where = f"{fleet.headers['location']}/request"
    refused(await service.client.patch(where, json={"hours": 48}, headers={"if-match": "*"}))
    assert (await service.client.patch(where, json={"autonomy": "manual"}, headers={"if-match": "*"})).json()["request"]["autonomy"] == "manual"


async def test_a_fleet_goes_by_its_channels_until_a_person_frees_it(service: Service) -> None:
    as_token(service)
    fleet = await service.client.post("/v1/autonomous-runs", json=FLEET)
    where = f"{fleet.headers['location']}/request"
    assert (await service.client.get(where)).json()["request"]["autonomy"] is None
    freed, match = {"autonomy": "autonomous"}, {"if-match": "*"}
    refused(await service.client.patch(where, json=freed, headers=match))
    service.asking.sign_in()
    assert (await service.client.patch(where, json=freed, headers=match)).json()["request"]["autonomy"] == "autonomous"
    back = await service.client.patch(where, json={"autonomy": None}, headers=match)
    assert (back.status_code, back.json()["request"]["autonomy"]) == (200, None)


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"channels": [CHANNEL, "nobody"]}, 404, "channels: 'nobody' does not exist"),
        ({"channels": [CHANNEL, "deep-orbit"]}, 409, "channels: deep-orbit is paused (a strike)"),
        ({"hours": 0.001}, 409, "hours: 0.001 is too short"),
    ],
)
async def test_an_edit_of_a_fleet_is_checked_as_its_start_is(service: Service, change: dict[str, Any], status: int, said: str) -> None:
    fleet = await service.client.post("/v1/autonomous-runs", json=FLEET)
    assert fleet.status_code == 202, fleet.text
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure("deep-orbit", "deep-orbit", "Deep Orbit")
        ChannelRepository(session).pause("deep-orbit", "a strike")
    where = f"{fleet.headers['location']}/request"
    refused = await service.client.patch(where, json=change, headers={"if-match": "*"})
    assert (refused.status_code, said in refused.json()["detail"]) == (status, True), refused.text
    assert (await service.client.get(where)).json()["revision"] == 1


async def test_who_may_raise_what_a_fleet_spends(service: Service) -> None:
    fleet = await service.client.post("/v1/autonomous-runs", json=FLEET)
    where, match = f"{fleet.headers['location']}/request", {"if-match": "*"}
    as_token(service)
    refused = await service.client.patch(where, json={"budget_usd": 9}, headers=match)
    assert (refused.status_code, "no program's token stands for" in refused.json()["detail"]) == (403, True)
    assert (await service.client.patch(where, json={"budget_usd": 4}, headers=match)).status_code == 200
    service.asking.sign_in()
    assert (await service.client.patch(where, json={"budget_usd": 9}, headers=match)).json()["request"]["budget_usd"] == 9


async def test_a_program_frees_no_channel_and_creates_none_that_is_free(service: Service) -> None:
    as_token(service)
    refused(await service.client.patch(f"/v1/channels/{CHANNEL}", json={"autonomy": "autonomous"}, headers={"if-match": "*"}))
    refused(await service.client.post("/v1/channels", json={"personality": "deep-orbit", "autonomy": "autonomous"}), channel="deep-orbit")
    stricter = await service.client.patch(f"/v1/channels/{CHANNEL}", json={"autonomy": "manual"}, headers={"if-match": "*"})
    assert (stricter.status_code, stricter.json()["autonomy"]) == (200, "manual")
