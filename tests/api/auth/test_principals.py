"""Who may do what: roles, programs' tokens, what ends at once, tickets, and tenants that know nothing of each other."""

import asyncio
import re

import httpx
import pytest

from api.auth.first_run import first_admin_link
from api.auth.permissions import PERMISSIONS, ROLES, permissions_of, permissions_of_token
from api.auth.tickets import SocketTickets
from api.http.openapi import permission_of, routes_of
from api.http.refusals import Unauthenticated
from infra.database import Database
from memory.records.tenants import LOCAL_TENANT
from tests.fixtures.identity import PASSWORD, Door, log_in


async def _until(client: httpx.AsyncClient, status: int, path: str = "/v1/me") -> int:
    """Ask until the answer has that status, at most 10 s; return the last one."""
    for _ in range(500):
        if (found := (await client.get(path)).status_code) == status:
            return found
        await asyncio.sleep(0.02)
    return found


def _program(door: Door, token: str) -> httpx.AsyncClient:
    client = door.client()
    client.headers["authorization"] = f"Bearer {token}"
    return client


def test_every_role_may_what_the_ones_before_may_and_decisions_are_for_people() -> None:
    viewer, operator, admin = (permissions_of(role) for role in ROLES)
    assert viewer < operator < admin == set(PERMISSIONS)
    assert permissions_of("owner") == frozenset()
    assert all(name.count(":") == 1 and name == name.lower() for name in PERMISSIONS)
    given = permissions_of_token("admin", admin)
    assert "approvals:propose" in given
    assert set(admin - given) == {name for name, one in PERMISSIONS.items() if one.person_only} >= {"approvals:decide", "users:manage", "me:edit"}
    assert permissions_of_token("viewer", frozenset({"runs:start", "runs:read", "unheard:of"})) == {"runs:read"}


def test_every_permission_that_a_route_asks_for_is_in_the_table(door: Door) -> None:
    asked = {permission for context in routes_of(door.app) if (permission := permission_of(context)) is not None}
    assert asked - set(PERMISSIONS) == set()


async def test_a_program_may_what_its_token_says_and_no_decision(door: Door) -> None:
    ada = await door.sign_in("ada@example.org")
    for scopes, said in ((["approvals:decide"], "only a person"), (["nothing:real"], "no permission is called"), ([], "at least 1")):
        refused = await ada.post("/v1/me/tokens", json={"name": "n8n", "scopes": scopes})
        assert (refused.status_code, said in refused.text) == (422, True)
    beyond = await ada.post("/v1/me/tokens", json={"name": "n8n", "scopes": ["users:read"]})
    assert beyond.status_code == 403
    made = (await ada.post("/v1/me/tokens", json={"name": "n8n", "scopes": ["me:read", "approvals:propose"], "days": 30})).json()
    assert made["token"].startswith("ytp_")
    async with _program(door, made["token"]) as program:
        me = (await program.get("/v1/me")).json()
        assert (me["via"], me["permissions"]) == ("token", ["approvals:propose", "me:read"])
        assert (await program.post("/v1/me/tokens", json={"name": "more", "scopes": ["me:read"]})).status_code == 403
        assert (await program.get("/v1/channels")).status_code == 403
        listed = (await ada.get("/v1/me/tokens")).json()["items"]
        assert (listed[0]["prefix"], listed[0]["last_used_at"] is not None) == (made["token"][:12], True)
        assert made["token"] not in str(listed)
        assert (await ada.delete(f"/v1/me/tokens/{made['id']}")).status_code == 204
        assert await _until(program, 401) == 401
    with door.state.studio.unit_of_work() as session:
        kept = session.connection().exec_driver_sql("select digest || prefix from api_tokens").scalars().one()
    assert made["token"] not in kept


async def test_what_ends_a_session_ends_it_at_once_for_whoever_remembers_it(door: Door) -> None:
    admin = await door.sign_in("ada@example.org", "admin")
    bo = await door.sign_in("bo@example.org", "viewer")
    user = (await bo.get("/v1/me")).json()["user"]["id"]
    assert (await bo.get("/v1/users")).status_code == 403
    assert (await admin.patch(f"/v1/users/{user}", json={"role": "admin"}, headers={"if-match": "*"})).status_code == 200
    assert await _until(bo, 200, "/v1/users") == 200
    assert (await admin.delete(f"/v1/users/{user}/sessions")).json() == {"ended": 1}
    assert await _until(bo, 401) == 401
    await log_in(bo, "bo@example.org")
    assert (await admin.patch(f"/v1/users/{user}", json={"disabled": True}, headers={"if-match": "*"})).status_code == 200
    assert await _until(bo, 401) == 401
    assert (await bo.post("/v1/auth/login", json={"email": "bo@example.org", "password": PASSWORD})).status_code == 401


async def test_a_person_sees_and_ends_their_own_sessions_only(door: Door) -> None:
    ada, bo = await door.sign_in("ada@example.org"), await door.sign_in("bo@example.org")
    other = door.client()
    await log_in(other, "ada@example.org")
    sessions = (await ada.get("/v1/me/sessions")).json()["items"]
    assert [one["current"] for one in sessions] == [False, True]
    assert (await bo.delete(f"/v1/me/sessions/{sessions[0]['id']}")).status_code == 404
    assert (await ada.delete(f"/v1/me/sessions/{sessions[0]['id']}")).status_code == 204
    assert await _until(other, 401) == 401
    assert (await ada.get("/v1/me")).status_code == 200


async def test_while_nothing_is_heard_nothing_is_remembered(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await door.sign_in("ada@example.org")
    assert (await ada.get("/v1/me")).status_code == 200
    monkeypatch.setattr(door.identity.authenticator.ear, "hears", 0)
    with door.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("update sessions set expires_at = now() - interval '1 second'")  # announced to nobody
    assert (await ada.get("/v1/me")).status_code == 401


async def test_a_ticket_opens_one_socket_soon_and_from_the_same_place(door: Door) -> None:
    ada = await door.sign_in("ada@example.org")

    async def ticket() -> str:
        return str((await ada.post("/v1/me/socket-tickets")).json()["ticket"])

    tickets: SocketTickets = door.identity.tickets
    first = await ticket()
    assert tickets.redeem(first, "127.0.0.1").principal.via == "session"
    for text, address, before in (
        (first, "127.0.0.1", ""),
        (await ticket(), "127.0.0.9", ""),
        (await ticket(), "127.0.0.1", "update socket_tickets set expires_at = now() - interval '1 second'"),
        (await ticket(), "127.0.0.1", "update sessions set ended_at = now(), ended_why = 'test'"),
        ("x" * 43, "127.0.0.1", ""),
    ):
        if before:
            door.run(before)
        with pytest.raises(Unauthenticated, match="ticket"):
            tickets.redeem(text, address)


async def test_somebody_is_an_admin_at_all_times_and_an_edit_needs_the_version(door: Door) -> None:
    admin = await door.sign_in("ada@example.org", "admin")
    me = (await admin.get("/v1/me")).json()["user"]["id"]
    for change in ({"role": "viewer"}, {"disabled": True}):
        refused = await admin.patch(f"/v1/users/{me}", json=change, headers={"if-match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")
    seen = await admin.get(f"/v1/users/{me}")
    assert (await admin.patch(f"/v1/users/{me}", json={"name": "Ada"})).status_code == 428
    assert (await admin.patch(f"/v1/users/{me}", json={"name": "Ada"}, headers={"if-match": seen.headers["etag"]})).status_code == 200
    assert (await admin.patch(f"/v1/users/{me}", json={"name": "Bo"}, headers={"if-match": seen.headers["etag"]})).status_code == 412
    again = await admin.post("/v1/users", json={"email": "ADA@example.org", "role": "viewer"})
    assert (again.status_code, again.json()["code"]) == (409, "user_taken")


async def test_a_tenants_admin_meets_nobody_of_another_tenant(door: Door) -> None:
    ours, theirs = await door.sign_in("ada@example.org", "admin"), await door.sign_in("eve@example.net", "admin", "tenant_other")
    ada, eve = [(await one.get("/v1/me")).json()["user"]["id"] for one in (ours, theirs)]
    assert [one["id"] for one in (await theirs.get("/v1/users")).json()["items"]] == [eve]
    answers = [
        await theirs.get(f"/v1/users/{ada}"),
        await theirs.patch(f"/v1/users/{ada}", json={"role": "viewer"}, headers={"if-match": "*"}),
        await theirs.post(f"/v1/users/{ada}/link"),
        await theirs.delete(f"/v1/users/{ada}/sessions"),
    ]
    assert [one.status_code for one in answers] == [404] * 4
    assert (await ours.get("/v1/me")).json()["user"]["role"] == "admin"


async def test_nobody_learns_whether_another_tenant_has_the_address(door: Door) -> None:
    ours, theirs = await door.sign_in("ada@example.org", "admin"), await door.sign_in("eve@example.net", "admin", "tenant_other")
    known, unknown = [await theirs.post("/v1/users", json={"email": email, "role": "viewer"}) for email in ("Ada@example.org", "nobody@example.org")]
    assert (known.status_code, unknown.status_code) == (201, 201)
    assert sorted(known.json()) == sorted(unknown.json())
    assert [one["email"] for one in (await theirs.get("/v1/users")).json()["items"]] == ["nobody@example.org", "ada@example.org", "eve@example.net"]
    # They are two people: each enters with their own password, and their own tenant, and a wrong tenant is told from a wrong password by nothing.
    other, password = door.client(), "their own quiet harbour"
    assert (await other.post("/v1/auth/link", json={"secret": known.json()["secret"], "password": password})).json()["user"]["role"] == "viewer"
    await log_in(door.client(), "ada@example.org")
    await log_in(other, "ada@example.org", password, "tenant_other")
    assert (await other.get("/v1/me")).json()["tenant"] == "tenant_other"
    wrong = [("ada@example.org", password, LOCAL_TENANT), ("ada@example.org", PASSWORD, "tenant_other"), ("nobody@example.org", PASSWORD, "tenant_other")]
    told = [await door.client().post("/v1/auth/login", json={"email": email, "password": secret, "tenant": where}) for email, secret, where in wrong]
    assert {(one.status_code, one.json()["detail"]) for one in told} == {(401, told[0].json()["detail"])}
    twice = await theirs.post("/v1/users", json={"email": "ada@example.org", "role": "viewer"})
    assert (twice.status_code, twice.json()["code"]) == (409, "user_taken")
    assert len((await ours.get("/v1/users")).json()["items"]) == 1


async def test_the_service_does_not_start_as_a_role_that_sees_all(door: Door) -> None:
    seen = Database(str(door.state.settings.database_url))
    with pytest.raises(Exception, match="DATABASE_API_URL: the role ytempire_app"):
        seen.ensure_isolated()
    seen.dispose()


async def test_the_page_behind_a_link_needs_nothing_from_elsewhere_and_keeps_its_secret_out_of_logs(door: Door) -> None:
    link = first_admin_link(str(door.state.settings.database_url), "http://localhost:8000")
    assert link is not None
    assert link.startswith("http://localhost:8000/setup#")
    async with door.client() as client:
        for path in ("/setup", "/welcome"):
            page = await client.get(path)
            assert page.headers["content-type"].startswith("text/html")
            assert "script-src 'self';" in page.headers["content-security-policy"]
            for part in re.findall(r'(?:src|href)="([^"]+)"', page.text):
                assert (await client.get(part)).status_code == 200, part
        assert (await client.get("/enter/other.js")).status_code == 404
        secret = link.partition("#")[2]
        assert (await client.post("/v1/auth/setup", json={"secret": secret, "email": "ada@example.org", "password": PASSWORD})).status_code == 201
    assert first_admin_link(str(door.state.settings.database_url), "http://localhost:8000") is None
