"""Approvals over HTTP: listed with what waits first, decided once by a person on exactly what was seen, proposed by programs."""

import asyncio
from time import perf_counter
from typing import Any

from sqlalchemy import text

from api.approvals.schemas import ApprovalDetail, ApprovalPage
from api.auth.permissions import permissions_of
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from tests.fixtures.production import World
from tests.fixtures.service import EVERYTHING, Service

OTHER = "0" * 64


async def asked(world: World, service: Service, autonomy: str = "review") -> dict[str, Any]:
    """Drive a run until it asks, and return the question as the service lists it."""
    run_id = await world.begin(autonomy)
    await world.drive(run_id)
    listed = (await service.client.get("/v1/approvals")).json()["items"]
    found: dict[str, Any] = next(one for one in listed if one["run"] == run_id)
    return found


async def decide(service: Service, one: dict[str, Any], kind: str = "accept", key: str | None = None, **more: Any) -> Any:
    body = {"type": kind, "manifest": one["manifest"], **more}
    return await service.client.post(f"/v1/approvals/{one['id']}/decision", json=body, headers={"idempotency-key": key} if key else {})


async def test_a_question_is_shown_with_its_evidence_and_accepted_once(world: World, service: Service) -> None:
    one = await asked(world, service)
    found = await service.client.get(f"/v1/approvals/{one['id']}")
    detail = ApprovalDetail.model_validate_json(found.content)
    assert detail.config.allow_edit
    assert detail.evidence.manifest is not None
    assert detail.evidence.manifest["listing"]["title"] == "Draft 0"
    assert detail.evidence.script is not None
    assert [sentence["text"] for sentence in detail.evidence.script["sentences"]] == ["Draft 1 says this."]
    assert (len(detail.evidence.thumbnails), detail.evidence.chosen_thumbnail, detail.evidence.quality) == (3, 0, 0.9)
    assert "loudness" in {check.name for check in detail.evidence.checks}
    assert detail.evidence.missing == []
    again = await service.client.get(f"/v1/approvals/{one['id']}", headers={"if-none-match": found.headers["etag"]})
    assert again.status_code == 304
    accepted = await decide(service, one, key="yes")
    assert (accepted.status_code, accepted.json()["status"], accepted.json()["decided_by"]) == (200, "accepted", "user_1")
    repeated = await decide(service, one, key="yes")
    assert (repeated.content, repeated.headers["idempotent-replayed"]) == (accepted.content, "true")
    second = await decide(service, one, "ignore")
    told = second.json()
    assert (second.status_code, told["status"], told["code"]) == (409, 409, "approval_decided")
    assert (told["state"], told["decided_by"], told["decided_at"] is not None) == ("accepted", "user_1", True)
    assert world.run(one["run"]).conducted
    assert (await world.drive(one["run"])).status == "published"


async def test_the_question_after_an_answer_in_words_tells_how_it_was_taken(world: World, service: Service) -> None:
    one = await asked(world, service)
    assert (await service.client.get(f"/v1/approvals/{one['id']}")).json()["understood"] is None
    assert (await decide(service, one, "response", args="say when it was built")).json()["status"] == "responded"
    await world.drive(one["run"])
    anew = (await service.client.get("/v1/approvals", params={"status": "pending"})).json()["items"][0]
    told = ApprovalDetail.model_validate_json((await service.client.get(f"/v1/approvals/{anew['id']}")).content).understood
    assert told is not None
    assert (told.words, told.by, told.taken) == ("say when it was built", "user_1", "They want it another way; it is.")
    assert (told.added, told.dropped) == (["Draft 2 says this."], ["Draft 1 says this."])


async def test_what_is_lost_is_named_as_not_seen(world: World, service: Service) -> None:
    one = await asked(world, service)
    world.book.store.path(one["action_request"]["args"]["thumbnails"]).unlink()
    evidence = (await service.client.get(f"/v1/approvals/{one['id']}")).json()["evidence"]
    assert (evidence["thumbnails"], evidence["manifest"] is not None) == ([], True)
    assert [said.partition(":")[0] for said in evidence["missing"]] == ["thumbnails"]
    assert str(world.book.store.root) not in evidence["missing"][0]


async def test_twenty_at_once_decide_once(world: World, service: Service) -> None:
    one = await asked(world, service)
    answers = await asyncio.gather(*(decide(service, one, "accept" if number % 2 else "ignore") for number in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]
    assert world.one("select count(*) from audit_events where action = 'approval.decided'") == 1


async def test_what_changed_since_it_was_seen_is_not_decided_on(world: World, service: Service) -> None:
    one = await asked(world, service)
    changed = await decide(service, {**one, "manifest": OTHER})
    assert (changed.status_code, changed.json()["code"], changed.json()["manifest"]) == (409, "manifest_changed", one["manifest"])
    edited = await decide(service, one, "edit", args={"title": "Another title"})
    assert edited.json()["status"] == "edited"
    await world.drive(one["run"])
    anew = (await service.client.get("/v1/approvals", params={"status": "pending"})).json()["items"][0]
    assert (anew["run"], anew["title"], anew["manifest"] != one["manifest"]) == (one["run"], "Another title", True)


async def test_an_answer_that_is_not_taken_leaves_the_run_waiting(world: World, service: Service) -> None:
    one = await asked(world, service)
    for refused in (
        await decide(service, one, "edit", args={"titel": "x"}),
        await decide(service, one, "edit", args={"publish_at": "2020-01-01T00:00:00Z"}),
        await decide(service, one, "edit"),
        await decide(service, one, "response", args=""),
        await decide(service, one, "maybe"),
    ):
        assert refused.status_code == 422, refused.text
    assert (await service.client.get(f"/v1/approvals/{one['id']}")).json()["status"] == "pending"
    assert (await service.client.get("/v1/approvals/none")).status_code == 404


async def test_a_program_proposes_and_a_person_decides(world: World, service: Service) -> None:
    one = await asked(world, service)
    service.asking.sign_in("user_2", EVERYTHING, via="token")
    refused = await decide(service, one)
    assert (refused.status_code, "proposals" in refused.json()["detail"]) == (403, True)
    body = {"type": "ignore", "manifest": one["manifest"]}
    proposed = await service.client.post(f"/v1/approvals/{one['id']}/proposals", json=body)
    assert (proposed.status_code, proposed.json()["status"], proposed.json()["voices"]) == (201, "pending", 1)
    wrong = await service.client.post(f"/v1/approvals/{one['id']}/proposals", json={**body, "type": "edit", "args": {"titel": 1}})
    assert wrong.status_code == 422
    service.asking.sign_in()
    said = (await service.client.get(f"/v1/approvals/{one['id']}")).json()["said"]
    assert [(voice["kind"], voice["by"], voice["decision"]["type"]) for voice in said] == [("proposal", "user_2", "ignore")]
    assert (await decide(service, one)).json()["status"] == "accepted"


async def test_two_people_accept_where_the_channel_asks_for_two(world: World, service: Service) -> None:
    one = await asked(world, service)
    asked_for = await service.client.patch("/v1/channels/field-notes", json={"two_person": True}, headers={"if-match": "*"})
    assert asked_for.json()["two_person"] is True
    first = await decide(service, one)
    assert (first.json()["status"], first.json()["two_person"], first.json()["voices"]) == ("pending", True, 1)
    same = await decide(service, one)
    assert (same.status_code, same.json()["code"]) == (409, "second_person_needed")
    service.asking.sign_in("user_2")
    assert (await decide(service, one)).json()["decided_by"] == "user_2"
    with service.state.studio.unit_of_work() as session:
        told = [(event.action, event.actor) for event in AuditRepository(session).list_() if event.action.startswith("approval.")]
    assert told == [("approval.accepted_first", "user_1"), ("approval.decided", "user_2")]


async def test_of_two_people_neither_is_who_asked_and_one_who_is_no_admin_does_not_end_the_rule(world: World, service: Service) -> None:
    one = await asked(world, service)
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).set_two_person("field-notes", True)
        session.execute(text("update runs set request = jsonb_set(request, '{asked_by}', '\"user_1\"')"))
    own = await decide(service, one)
    assert (own.status_code, own.json()["code"], own.json()["asked_by"]) == (403, "own_request", "user_1"), own.text
    for user, status in (("user_2", "pending"), ("user_3", "accepted")):
        service.asking.sign_in(user)
        assert (await decide(service, one)).json()["status"] == status
    service.asking.sign_in("user_4", permissions_of("operator"))
    kept = await service.client.patch("/v1/channels/field-notes", json={"two_person": False}, headers={"if-match": "*"})
    assert (kept.status_code, kept.json()["permission"]) == (403, "users:manage")


async def test_what_expired_tells_so_and_other_tenants_see_nothing(world: World, service: Service) -> None:
    one = await asked(world, service)
    service.asking.sign_in(tenant="tenant_other")
    assert (await service.client.get("/v1/approvals")).json()["items"] == []
    assert {(await service.client.get(f"/v1/approvals/{one['id']}")).status_code, (await decide(service, one)).status_code} == {404}
    service.asking.sign_in()
    with service.state.studio.unit_of_work() as session:
        ApprovalRepository(session).expire(-1)
    late = await decide(service, one)
    assert (late.status_code, late.json()["decided_by"]) == (409, "expiry")
    (event,) = (await service.client.get("/v1/audit", params={"action": "approval.expired"})).json()["items"]
    told = {name: event["details"][name] for name in ("run", "gate", "manifest", "default")}
    assert (event["actor"], event["subject"], told) == (
        "policy",
        one["id"],
        {"run": one["run"], "gate": "video", "manifest": one["manifest"], "default": "ignore"},
    )
    assert event["details"]["why"].startswith("nobody answered within")
    service.asking.sign_in(tenant="tenant_other")
    assert (await service.client.get("/v1/audit")).json()["items"] == []


def filled(service: Service, run_id: str, count: int) -> None:
    """Let a run ask so many questions more, every third one decided."""
    row = """
        insert into approvals (id, run_id, gate, interrupt_id, manifest_digest, request, status, decided_by, decided_at, created_at)
        select 'filled_' || n, run_id, gate, 'i' || n, manifest_digest, request, case when n % 3 = 0 then 'ignored' else 'pending' end,
            case when n % 3 = 0 then 'ada' end, case when n % 3 = 0 then now() end, now() - make_interval(mins => n)
        from approvals, generate_series(1, :count) n where run_id = :run and interrupt_id not like 'i%'
    """
    with service.state.studio.unit_of_work() as session:
        session.execute(text(row), {"run": run_id, "count": count})
    with service.state.studio.unit_of_work() as session:
        session.execute(text("analyze approvals"))


async def test_pages_hold_everything_once_with_what_waits_first(world: World, service: Service) -> None:
    one = await asked(world, service)
    filled(service, one["run"], 12)
    seen, cursor = [], None
    while True:
        params: dict[str, Any] = {"limit": 5, **({"cursor": cursor} if cursor else {})}
        page = ApprovalPage.model_validate_json((await service.client.get("/v1/approvals", params=params)).content)
        seen += page.items
        if (cursor := page.next) is None:
            break
    assert [row.status for row in seen] == ["pending"] * 9 + ["ignored"] * 4
    assert len({row.id for row in seen}) == 13
    assert (await service.client.get("/v1/approvals", params={"cursor": "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgImEiXQ=="})).status_code == 422
    only = (await service.client.get("/v1/approvals", params={"status": "ignored", "channel": "field-notes"})).json()["items"]
    assert {row["status"] for row in only} == {"ignored"}
    assert (await service.client.get("/v1/approvals", params={"channel": "pulse"})).json()["items"] == []


async def test_a_thousand_that_wait_are_listed_nearly_as_quickly_as_ten(world: World, service: Service) -> None:
    one = await asked(world, service)

    async def median() -> float:
        times = []
        for _ in range(15):
            begun = perf_counter()
            assert (await service.client.get("/v1/approvals", params={"limit": 10})).status_code == 200
            times.append(perf_counter() - begun)
        return sorted(times)[7]

    filled(service, one["run"], 15)
    few = await median()
    with service.state.studio.unit_of_work() as session:
        session.execute(text("delete from approvals where id like 'filled_%'"))
    filled(service, one["run"], 1500)
    assert await median() < 3 * few


async def test_what_waits_is_filtered_sorted_and_counted(world: World, service: Service) -> None:
    one = await asked(world, service)
    assert (one["risks"], one["due_at"]) == (len((await service.client.get(f"/v1/approvals/{one['id']}")).json()["evidence"]["risks"]), None)
    assert one["risks"] > 0
    filled(service, one["run"], 12)
    weighed = "update approvals set risks = right(id, 1)::int % 3, due_at = case when id = 'filled_8' then now() end where id like 'filled_%'"
    with service.state.studio.unit_of_work() as session:
        session.execute(text(weighed))

    async def listed(**wanted: Any) -> tuple[list[dict[str, Any]], int]:
        seen: list[dict[str, Any]] = []
        params = {"status": "pending", "limit": 4, **wanted}
        while True:
            page = ApprovalPage.model_validate_json((await service.client.get("/v1/approvals", params=params)).content)
            seen += [row.model_dump() for row in page.items]
            if page.next is None:
                return seen, page.total or 0
            params["cursor"] = page.next

    oldest, total = await listed(sort="oldest")
    assert (len(oldest), total, len({row["id"] for row in oldest})) == (9, 9, 9)
    assert [row["created_at"] for row in oldest] == sorted(row["created_at"] for row in oldest)
    risks = [row["risks"] for row in (await listed(sort="riskiest"))[0]]
    assert risks == sorted(risks, reverse=True)
    assert (await listed(sort="due"))[0][0]["id"] == "filled_8"
    assert {row["risks"] for row in (await listed(risk="none"))[0]} == {0}
    assert (await listed(risk="some"))[1] + (await listed(risk="none"))[1] == 9
    assert [row["id"] for row in (await listed(older_s=600))[0]] == ["filled_10", "filled_11"]
    assert (await listed(gate="script"), (await listed(gate="video", channel="field-notes"))[1]) == (([], 0), 9)
    of_another = (await service.client.get("/v1/approvals", params={"status": "pending", "limit": 4})).json()["next"]
    for refused in ({"sort": "oldest"}, {"sort": "due", "status": "pending", "cursor": of_another}, {"risk": "much"}, {"older_s": -1}):
        assert (await service.client.get("/v1/approvals", params=refused)).status_code == 422, refused
    assert (await service.client.get("/v1/approvals")).json()["total"] is None
