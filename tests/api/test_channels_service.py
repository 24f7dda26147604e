"""Channels over HTTP: created from a personality, listed in pages, edited against the version that was read."""

import asyncio

import httpx
import pytest

from memory.personality import load_personalities
from memory.reads.channels import channel_json
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from tests.fixtures.service import EVERYTHING, Service


async def make(service: Service, personality: str = "deep-orbit", **more: object) -> httpx.Response:
    return await service.client.post("/v1/channels", json={"personality": personality, **more})


def audited(service: Service) -> list[str]:
    with service.state.studio.unit_of_work() as session:
        return [event.action for event in AuditRepository(session).list_()]


async def test_a_channel_begins_with_a_personality(service: Service) -> None:
    made = await make(service, autonomy="manual", budget_day_usd=2.5)
    assert made.status_code == 201
    assert made.headers["location"] == "/v1/channels/deep-orbit"
    found = await service.client.get("/v1/channels/deep-orbit")
    assert found.json() == made.json()
    assert {name: found.json()[name] for name in ("name", "autonomy", "budget_day_usd", "paused")} == {
        "name": "Deep Orbit",
        "autonomy": "manual",
        "budget_day_usd": 2.5,
        "paused": False,
    }
    assert audited(service) == ["channel.created"]
    again = await make(service)
    assert (again.status_code, again.json()["code"]) == (409, "channel_exists")
    unknown = await make(service, "nobody")
    assert unknown.status_code == 404


async def test_the_twenty_personalities_are_listed(service: Service) -> None:
    listed = (await service.client.get("/v1/personalities")).json()["items"]
    assert [one["id"] for one in listed] == list(load_personalities())


async def test_pages_go_through_every_channel_once(service: Service) -> None:
    for personality in list(load_personalities())[:5]:
        await make(service, personality)
    seen, cursor = [], None
    while True:
        page = (await service.client.get("/v1/channels", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += [one["id"] for one in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == list(load_personalities())[:5][::-1]


@pytest.mark.parametrize("cursor", ["x", "bnVsbA==", "WyIyMDI2LTAxLTAxIiwgImEiXQ==", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgIlx1MDAwMCJd", "é"])
async def test_a_cursor_of_nobodys_page_is_refused_by_name(service: Service, cursor: str) -> None:
    answer = await service.client.get("/v1/channels", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


async def test_an_edit_needs_the_version_that_was_read(service: Service) -> None:
    made = await make(service)
    etag = (await service.client.get("/v1/channels/deep-orbit")).headers["etag"]
    blind = await service.client.patch("/v1/channels/deep-orbit", json={"autonomy": "policy"})
    assert (blind.status_code, blind.json()["code"]) == (428, "version_missing")
    changed = await service.client.patch("/v1/channels/deep-orbit", json={"autonomy": "policy", "budget_day_usd": 1}, headers={"if-match": etag})
    assert (changed.status_code, changed.json()["autonomy"], changed.json()["budget_day_usd"]) == (200, "policy", 1.0)
    stale = await service.client.patch("/v1/channels/deep-orbit", json={"autonomy": "manual"}, headers={"if-match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_stale")
    assert changed.headers["etag"] == (await service.client.get("/v1/channels/deep-orbit")).headers["etag"]
    assert made.json()["autonomy"] == "review"


async def test_of_two_editors_who_saw_the_same_one_is_refused(service: Service) -> None:
    await make(service)
    etag = (await service.client.get("/v1/channels/deep-orbit")).headers["etag"]
    edits = [service.client.patch("/v1/channels/deep-orbit", json={"budget_day_usd": usd}, headers={"if-match": etag}) for usd in range(1, 9)]
    assert sorted(one.status_code for one in await asyncio.gather(*edits)) == [200, *[412] * 7]


async def test_a_pause_says_why_and_is_taken_back(service: Service) -> None:
    await make(service)
    bare = await service.client.patch("/v1/channels/deep-orbit", json={"paused": True}, headers={"if-match": "*"})
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "reason")
    paused = await service.client.patch("/v1/channels/deep-orbit", json={"paused": True, "reason": "holidays"}, headers={"if-match": "*"})
    assert (paused.json()["paused"], paused.json()["paused_reason"]) == (True, "holidays")
    resumed = await service.client.patch("/v1/channels/deep-orbit", json={"paused": False}, headers={"if-match": "*"})
    assert (resumed.json()["paused"], resumed.json()["paused_reason"]) == (False, None)
    nothing = await service.client.patch("/v1/channels/deep-orbit", json={}, headers={"if-match": "*"})
    assert nothing.status_code == 422


async def test_the_schedule_is_the_personalitys_until_it_is_set(service: Service) -> None:
    await make(service)
    first = await service.client.get("/v1/channels/deep-orbit/schedule")
    assert first.json() == {"per_week": 3, "hours": [18, 20, 22], "zone": "America/Los_Angeles"}
    wanted = {"per_week": 5, "hours": [7], "zone": "Europe/Berlin"}
    put = await service.client.put("/v1/channels/deep-orbit/schedule", json=wanted, headers={"if-match": first.headers["etag"]})
    assert (put.status_code, put.json()) == (200, wanted)
    assert (await service.client.get("/v1/channels/deep-orbit/schedule")).json() == wanted
    moon = await service.client.put("/v1/channels/deep-orbit/schedule", json={**wanted, "zone": "Moon/Base"}, headers={"if-match": "*"})
    assert (moon.status_code, moon.json()["errors"][0]["field"]) == (422, "body.zone")
    stale = await service.client.put("/v1/channels/deep-orbit/schedule", json=wanted, headers={"if-match": first.headers["etag"]})
    assert stale.status_code == 412


async def test_what_did_not_change_is_not_sent_again(service: Service) -> None:
    await make(service)
    first = await service.client.get("/v1/channels")
    second = await service.client.get("/v1/channels", headers={"if-none-match": first.headers["etag"]})
    assert (second.status_code, second.content) == (304, b"")


async def test_the_read_and_the_edit_see_the_same_bytes(service: Service) -> None:
    await make(service)
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).pause("deep-orbit", "é\"'\n")
    with service.state.database.unit_of_work(tenant=LOCAL_TENANT) as session:
        assert channel_json(session, LOCAL_TENANT, "deep-orbit") == (await service.client.get("/v1/channels/deep-orbit")).content


async def test_another_tenant_sees_nothing(service: Service) -> None:
    await make(service)
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/channels")).json()["items"] == []
    assert (await service.client.get("/v1/channels/deep-orbit")).status_code == 404
    assert (await service.client.get("/v1/channels/deep-orbit/schedule")).status_code == 404
    edit = await service.client.patch("/v1/channels/deep-orbit", json={"autonomy": "autonomous"}, headers={"if-match": "*"})
    assert edit.status_code == 404


async def test_who_lacks_the_permission_is_refused_by_its_name(service: Service) -> None:
    service.asking.sign_in(scopes=EVERYTHING - {"channels:edit", "channels:create"})
    refused = await make(service)
    assert (refused.status_code, refused.json()["permission"]) == (403, "channels:create")


class TestRepeating:
    """Requests that come again."""

    async def test_twenty_at_once_have_one_effect(self, service: Service) -> None:
        async def send() -> httpx.Response:
            while True:
                answer = await service.client.post("/v1/channels", json={"personality": "pulse"}, headers={"idempotency-key": "k1"})
                if answer.status_code != 409 or not answer.json()["retryable"]:
                    return answer

        answers = await asyncio.gather(*(send() for _ in range(20)))
        assert {one.status_code for one in answers} == {201}
        assert len({one.content for one in answers}) == 1
        assert sum("idempotent-replayed" not in one.headers for one in answers) == 1
        assert {one.headers["location"] for one in answers} == {"/v1/channels/pulse"}
        assert audited(service) == ["channel.created"]

    async def test_a_key_belongs_to_one_request_of_one_sender(self, service: Service) -> None:
        first = await service.client.post("/v1/channels", json={"personality": "pulse"}, headers={"idempotency-key": "k"})
        assert first.status_code == 201
        other = await service.client.post("/v1/channels", json={"personality": "blueprint"}, headers={"idempotency-key": "k"})
        assert (other.status_code, other.json()["code"], other.json()["retryable"]) == (409, "idempotency_key_reused", False)
        service.asking.sign_in("user_2")
        theirs = await service.client.post("/v1/channels", json={"personality": "blueprint"}, headers={"idempotency-key": "k"})
        assert theirs.status_code == 201

    async def test_what_failed_had_no_effect_and_may_be_tried_again(self, service: Service) -> None:
        await make(service, "pulse")
        for _ in range(2):
            refused = await service.client.post("/v1/channels", json={"personality": "pulse"}, headers={"idempotency-key": "k"})
            assert (refused.status_code, refused.json()["code"]) == (409, "channel_exists")


class TestTenants:
    """Two tenants may run the same personality; neither meets the other's channel."""

    async def test_each_has_a_channel_of_its_own(self, service: Service) -> None:
        first = (await make(service)).json()
        with service.state.studio.unit_of_work() as session:
            session.connection().exec_driver_sql("insert into tenants (id, name) values ('tenant_other', 'Other')")
        service.asking.sign_in("user_2", tenant="tenant_other")
        made = await make(service)
        assert made.status_code == 201, made.text
        second = made.json()
        assert (first["id"], first["personality"], second["personality"], second["name"]) == ("deep-orbit", "deep-orbit", "deep-orbit", "Deep Orbit")
        assert second["id"].startswith("deep-orbit--")
        assert (await make(service)).json()["code"] == "channel_exists"
        assert [one["id"] for one in (await service.client.get("/v1/channels")).json()["items"]] == [second["id"]]
        assert (await service.client.get(f"/v1/channels/{first['id']}")).status_code == 404
        where = f"/v1/channels/{second['id']}/schedule"
        usual = await service.client.get(where)
        changed = await service.client.put(where, json={**usual.json(), "per_week": 2}, headers={"if-match": usual.headers["etag"]})
        assert changed.json()["per_week"] == 2
        service.asking.sign_in()
        assert (await service.client.get(f"/v1/channels/{second['id']}")).status_code == 404
        assert (await service.client.get("/v1/channels/deep-orbit/schedule")).json() == usual.json()

    async def test_a_personality_is_not_named_by_a_channel(self, service: Service) -> None:
        refused = await make(service, "deep-orbit--00000000")
        assert (refused.status_code, "personality" in refused.json()["detail"]) == (404, True)
