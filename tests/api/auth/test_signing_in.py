"""Signing in and staying signed in: passwords, links, refresh tokens, sessions, and what ends them."""

import asyncio

import httpx
import pytest

from api.auth.authenticator import FILES_COOKIE
from api.auth.endpoints import COOKIE
from memory.repositories.sessions import SessionRepository
from tests.fixtures.identity import PASSWORD, Door, log_in


async def _refresh(client: httpx.AsyncClient, cookie: str | None = None) -> httpx.Response:
    headers = {} if cookie is None else {"cookie": f"{COOKIE}={cookie}"}
    if cookie is not None:
        client.cookies.clear()
    return await client.post("/v1/auth/refresh", headers=headers)


async def test_a_person_signs_in_is_known_and_signs_out(door: Door) -> None:
    ada = await door.sign_in("ada@example.org")
    me = (await ada.get("/v1/me")).json()
    assert (me["user"]["email"], me["user"]["role"], me["via"]) == ("ada@example.org", "operator", "session")
    assert "approvals:decide" in me["permissions"]
    assert "users:manage" not in me["permissions"]
    assert (await ada.post("/v1/auth/logout")).status_code == 204
    for _ in range(200):
        if (answer := await ada.get("/v1/me")).status_code == 401:
            break
        await asyncio.sleep(0.02)
    assert answer.json()["code"] == "unauthenticated"
    assert (await _refresh(ada)).status_code == 401


async def test_the_refresh_cookie_is_kept_from_pages_and_from_other_sites(door: Door) -> None:
    door.add_user("ada@example.org")
    for scheme, secure in (("http", False), ("https", True)):
        async with door.client(scheme=scheme) as client:
            answer = await client.post("/v1/auth/login", json={"email": "Ada@Example.org", "password": PASSWORD})
        refresh, files = (one.lower() for one in answer.headers.get_list("set-cookie"))
        assert all(part in refresh for part in ("httponly", "samesite=strict", "path=/v1/auth;"))
        assert all(part in files for part in ("httponly", "samesite=strict", "path=/v1/videos;", "max-age=600;"))
        assert ("secure" in refresh, "secure" in files) == (secure, secure)
        assert answer.headers["cache-control"] == "no-store"


async def test_the_cookie_for_files_opens_files_and_nothing_else(door: Door) -> None:
    ada = await door.sign_in("ada@example.org")
    token = ada.headers.pop("authorization").removeprefix("Bearer ")
    file = f"/v1/videos/video_1/files/{'0' * 64}"
    assert ada.cookies.get(FILES_COOKIE) == token
    assert (await ada.get(file)).status_code == 404
    assert (await ada.head(file)).status_code == 404
    headers = {"cookie": f"{FILES_COOKIE}={token}"}
    for method, path in (
        ("GET", "/v1/videos"),
        ("GET", "/v1/videos/video_1"),
        ("GET", "/v1/videos/video_1/files"),
        ("POST", "/v1/videos/video_1/pull-back"),
        ("GET", "/v1/me"),
    ):
        assert (await ada.request(method, path, headers=headers)).status_code == 401, path
    assert (await ada.get(file, headers={"authorization": "Bearer other"})).status_code == 401
    assert (await ada.post("/v1/auth/logout")).status_code == 204
    assert ada.cookies.get(FILES_COOKIE) is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}, 200),
        ({}, 200),
    ],
)
async def test_a_page_of_another_origin_cannot_use_the_cookie(door: Door, headers: dict[str, str], status: int) -> None:
    ada = await door.sign_in("ada@example.org")
    assert (await ada.post("/v1/auth/refresh", headers=headers)).status_code == status


async def test_wrong_passwords_and_unknown_people_are_told_the_same_and_slowed_down(door: Door) -> None:
    door.add_user("ada@example.org")
    async with door.client() as client:
        wrong = [await client.post("/v1/auth/login", json={"email": "ada@example.org", "password": "x" * 20}) for _ in range(6)]
        unknown = await client.post("/v1/auth/login", json={"email": "eve@example.org", "password": "x" * 20})
        assert [one.status_code for one in wrong] == [401] * 5 + [429]
        assert unknown.json()["detail"] == wrong[0].json()["detail"]
        assert 1 <= int(wrong[-1].headers["retry-after"]) <= 6
        assert wrong[-1].json()["code"] == "too_often"
        # The right one waits as well, from there; from elsewhere its owner gets in.
        assert (await client.post("/v1/auth/login", json={"email": "ada@example.org", "password": PASSWORD})).status_code == 429
        async with door.client("127.0.0.2") as elsewhere:
            await log_in(elsewhere, "ada@example.org")
        door.run("update login_throttles set blocked_until = now() - interval '1 second'")
        await log_in(client, "ada@example.org")
        assert (await client.post("/v1/auth/login", json={"email": "ada@example.org", "password": "x" * 20})).status_code == 401


async def test_guesses_side_by_side_are_counted_each(door: Door) -> None:
    door.add_user("ada@example.org")
    async with door.client() as client:
        tries = [client.post("/v1/auth/login", json={"email": "ada@example.org", "password": f"guess number {n}"}) for n in range(20)]
        answers = await asyncio.gather(*tries)
    assert sorted(one.status_code for one in answers) == [401] * 5 + [429] * 15


async def test_refresh_tokens_rotate_and_a_second_tab_gets_the_same_successor(door: Door) -> None:
    ada = await door.sign_in("ada@example.org")
    first = ada.cookies[COOKIE]
    answers = [await _refresh(ada, first) for _ in range(3)]
    assert [one.status_code for one in answers] == [200] * 3
    successors = {one.cookies[COOKIE] for one in answers}
    assert len(successors) == 1
    assert successors != {first}
    parallel = await asyncio.gather(*(_refresh(ada, successors.copy().pop()) for _ in range(8)))
    assert ({one.status_code for one in parallel}, len({one.cookies[COOKIE] for one in parallel})) == ({200}, 1)


async def test_a_used_refresh_token_that_comes_late_ends_the_whole_family(door: Door) -> None:
    ada = await door.sign_in("ada@example.org")
    first = ada.cookies[COOKIE]
    second = (await _refresh(ada, first)).cookies[COOKIE]
    door.run("update sessions set rotated_at = now() - interval '1 minute'")
    stolen = await _refresh(ada, first)
    assert (stolen.status_code, stolen.json()["detail"]) == (401, "cookie: the refresh token was used before, so the session was ended; sign in")
    assert (await _refresh(ada, second)).status_code == 401
    with door.state.studio.unit_of_work() as session:
        events = session.connection().exec_driver_sql("select action from audit_events where tenant_id = 'tenant_local' order by id").scalars().all()
    assert events == ["session.begun", "session.reuse_found"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update sessions set rotated_at = now() - interval '25 hours'", "not used for a day"),
        ("update sessions set expires_at = now() - interval '1 second'", "the session is over"),
        ("update users set disabled_at = now()", "is not good"),
        ("update sessions set salt = 'another'", "is not good"),
    ],
)
async def test_a_refresh_token_ends_with_its_session_and_its_user(door: Door, statement: str, said: str) -> None:
    ada = await door.sign_in("ada@example.org")
    door.run(statement)
    answer = await _refresh(ada)
    assert answer.status_code == 401
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("cookie", ["", "x", "session_1.0.aa", "session_" + "0" * 32 + ".0." + "A" * 43, "../../etc/passwd"])
async def test_a_made_up_refresh_token_is_refused(door: Door, cookie: str) -> None:
    async with door.client() as client:
        assert (await _refresh(client, cookie)).status_code == 401


async def test_the_first_admin_comes_through_the_link_and_only_one(door: Door) -> None:
    secret = door.link()
    async with door.client() as client:
        weak = await client.post("/v1/auth/setup", json={"secret": secret, "email": "ada@example.org", "password": "short"})
        assert (weak.status_code, weak.json()["code"]) == (422, "password_weak")
        made = await client.post("/v1/auth/setup", json={"secret": secret, "email": "ada@example.org", "password": PASSWORD})
        assert (made.status_code, made.json()["user"]["role"]) == (201, "admin")
        for again in (secret, door.link()):
            refused = await client.post("/v1/auth/setup", json={"secret": again, "email": "eve@example.org", "password": PASSWORD})
            assert (refused.status_code, refused.json()["code"]) == (403, "link_invalid")


async def test_a_link_sets_a_password_once_and_ends_other_sessions(door: Door) -> None:
    admin = await door.sign_in("ada@example.org", "admin")
    made = (await admin.post("/v1/users", json={"email": "bo@example.org", "name": "Bo", "role": "viewer"})).json()
    async with door.client() as bo:
        first = await bo.post("/v1/auth/link", json={"secret": made["secret"], "password": PASSWORD})
        assert (first.status_code, first.json()["user"]["role"]) == (200, "viewer")
        assert (await bo.post("/v1/auth/link", json={"secret": made["secret"], "password": PASSWORD})).status_code == 403
        again = (await admin.post(f"/v1/users/{made['user']['id']}/link")).json()["secret"]
        assert (await bo.post("/v1/auth/link", json={"secret": again, "password": "another quiet harbour"})).status_code == 200
        with door.state.studio.unit_of_work() as session:
            assert len(SessionRepository(session).list_of(made["user"]["id"])) == 1


async def test_a_password_is_changed_with_the_current_one_and_ends_the_other_sessions(door: Door) -> None:
    ada = await door.sign_in("ada@example.org")
    other = door.client()
    await log_in(other, "ada@example.org")
    wrong = await ada.post("/v1/me/password", json={"current": "not this one at all", "new": "four quiet harbours"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_wrong")
    weak = await ada.post("/v1/me/password", json={"current": PASSWORD, "new": "aaaaaaaaaaaaaa"})
    assert (weak.status_code, weak.json()["code"]) == (422, "password_weak")
    changed = await ada.post("/v1/me/password", json={"current": PASSWORD, "new": "four quiet harbours"})
    assert (changed.status_code, changed.json()) == (200, {"ended": 1, "tokens_revoked": 0})
    assert (await _refresh(other)).status_code == 401
    assert (await ada.get("/v1/me")).status_code == 200
    await log_in(other, "ada@example.org", "four quiet harbours")


@pytest.mark.parametrize(("choice", "good"), [({}, 401), ({"keep_tokens": False}, 401), ({"keep_tokens": True}, 200)])
@pytest.mark.parametrize("by", ["oneself", "link"])
async def test_programs_lose_their_tokens_with_the_password_unless_they_are_to_be_kept(door: Door, by: str, choice: dict[str, bool], good: int) -> None:
    ada, program = await door.sign_in("ada@example.org", "admin"), door.client()
    program.headers["authorization"] = f"Bearer {(await ada.post('/v1/me/tokens', json={'name': 'bot', 'scopes': ['me:read']})).json()['token']}"
    me = (await program.get("/v1/me")).json()["user"]["id"]
    if by == "oneself":
        changed = await ada.post("/v1/me/password", json={"current": PASSWORD, "new": "four quiet harbours", **choice})
        assert changed.json()["tokens_revoked"] == (1 if good == 401 else 0)
    else:
        secret = (await ada.post(f"/v1/users/{me}/link")).json()["secret"]
        changed = await door.client().post("/v1/auth/link", json={"secret": secret, "password": "four quiet harbours", **choice})
    assert changed.status_code == 200, changed.text
    for _ in range(500):
        if (found := (await program.get("/v1/me")).status_code) == good:
            break
        await asyncio.sleep(0.02)
    assert found == good


async def test_behind_a_trusted_proxy_the_client_is_the_one_it_names(door: Door) -> None:
    door.add_user("ada@example.org")
    told = {"x-forwarded-for": "203.0.113.9, 198.51.100.7", "x-forwarded-proto": "https"}
    for proxies, address, secure in (("", "127.0.0.1", False), ("127.0.0.1", "198.51.100.7", True)):
        object.__setattr__(door.state, "settings", door.state.settings.model_copy(update={"proxies": proxies}))
        async with door.client() as client:
            body = {"email": "ada@example.org", "password": PASSWORD}
            answer = await client.post("/v1/auth/login", json=body, headers=told)
            client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
            sessions = (await client.get("/v1/me/sessions")).json()["items"]
        assert next(one for one in sessions if one["current"])["address"] == address
        assert ("secure" in answer.headers["set-cookie"].lower()) == secure
