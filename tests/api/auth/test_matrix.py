"""Every route, asked by everybody: nobody, each role, a program, and the people of another tenant. What is expected is read from the application itself."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from api.auth.permissions import PERMISSIONS, ROLES, permissions_of, permissions_of_token
from api.http.openapi import is_public, permission_of, routes_of
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from tests.fixtures.identity import Door, open_door
from tests.fixtures.nouns import OF_NOBODY, Objects, nobody_works, one_of_each, settings_of, workers_in_name

pytestmark = pytest.mark.asyncio(loop_scope="module")

# The table of roles as it was agreed on; whoever changes `api.auth.permissions` says so here too. An asterisk: only a person who signed in.
AGREED = {
    "viewer": "me:read me:edit* live:read channels:read accounts:read videos:read runs:read tasks:read approvals:read trends:read memory:read "
    "costs:read analytics:read incidents:read quotas:read settings:read payments:read metrics:read",
    "operator": "accounts:check channels:edit videos:edit runs:start runs:stop tasks:create tasks:cancel approvals:propose approvals:decide* incidents:handle "
    "memory:delete* lessons:decide* switches:engage",
    "admin": "switches:release* channels:create accounts:connect* costs:limit* settings:edit* payments:manage* webhooks:read webhooks:manage* "
    "users:read users:manage* audit:read",
}
# Routes that ask nobody who they are.
OPEN = (
    "health_alive health_ready schema_document schema_page schema_asset enter_page enter_part auth_login auth_setup auth_link auth_refresh auth_logout "
    "auth_jwks accounts_finish webhooks_stripe webhooks_notices webhooks_callback"
)
OURS, THEIRS = "tenant_local", "tenant_other"
NARROW = ["me:read", "runs:read", "tasks:create"]
# Reads before writes, and what removes last.
_ORDER = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE")
_LATE = ("me_end_session", "me_revoke_token", "webhook_endpoints_delete")


@dataclass(frozen=True)
class Route:
    """One method of one path, and the permission that it asks for."""

    name: str
    method: str
    path: str
    permission: str

    @property
    def names_an_object(self) -> bool:
        """Whether something of a tenant's is named in the path."""
        return bool(set(re.findall(r"{(\w+)}", self.path)) - OF_NOBODY.keys())


@dataclass
class House:
    """Two tenants with one object of each noun, and everybody who may be at the door."""

    door: Door
    ours: Objects
    theirs: Objects
    guests: dict[str, httpx.AsyncClient]
    owner: Database

    def routes(self) -> list[Route]:
        """Return every route that asks for a permission."""
        found = [(context, method) for context in routes_of(self.door.app) for method in context.methods or ()]
        return [Route(str(context.name), method, str(context.path), asked) for context, method in found if (asked := permission_of(context)) is not None]

    def print(self) -> dict[str, str]:
        """Return what every table holds, in short; but for what says only that somebody was there, and the numbers that events are given later."""
        with self.owner.unit_of_work() as session:
            tables = session.scalars(text("select tablename from pg_tables where schemaname = 'public' and tablename <> 'event_counters' order by 1")).all()
            held = "select coalesce(md5(string_agg(r::text, '' order by r::text)), '') from (select to_jsonb(t) - 'last_used_at' - 'seq' as r from {} t) s"
            return {table: str(session.scalar(text(held.format(f'"{table}"')))) for table in tables}


@pytest.fixture(scope="module")
def urls(new_database: Callable[[], PostgresUrls], drop_database: Callable[[PostgresUrls], None]) -> Iterator[PostgresUrls]:
    """A database for all of the matrix."""
    made = new_database()
    yield made
    drop_database(made)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(urls: PostgresUrls, redis_url: str, identity_home: Path) -> AsyncIterator[House]:
    """Both tenants, with a person of each role and a program in each."""
    with nobody_works():
        async with open_door(settings_of(urls, redis_url, identity_home)) as door:
            made, guests = await everybody(door)
            owner = Database(urls.admin, pool_size=1)
            yield House(door, made[OURS], made[THEIRS], guests, owner)
            owner.dispose()
            for guest in guests.values():
                await guest.aclose()


async def everybody(door: Door) -> tuple[dict[str, Objects], dict[str, httpx.AsyncClient]]:
    """Make both tenants' objects, and let everybody in."""
    guests: dict[str, httpx.AsyncClient] = {"nobody": door.client()}
    made: dict[str, Objects] = {}
    for tenant, channel in ((OURS, "pulse"), (THEIRS, "deep-orbit")):
        for role in ROLES:
            guests[f"{role} of {tenant}"] = await door.sign_in(f"{role}@{tenant}.example", role, tenant)
        admin = guests[f"admin of {tenant}"]
        token = (await admin.post("/v1/me/tokens", json={"name": "n8n", "scopes": NARROW})).json()["token"]
        guests[f"program of {tenant}"] = door.client()
        guests[f"program of {tenant}"].headers["authorization"] = f"Bearer {token}"
        made[tenant] = one_of_each(door.state, (await admin.get("/v1/me")).json()["user"]["id"], channel, tenant)
    with door.state.studio.unit_of_work() as session:
        workers_in_name(session)
    return made, guests


def nowhere(path: str) -> str:
    """Return a well-formed path that leads to nothing: every id and digest with other digits."""
    return re.sub(r"[0-9a-f]{32,64}", lambda found: "f" * len(found[0]), path).replace("pulse", "nobody").replace("deep-orbit", "nobody")


async def ask(guest: httpx.AsyncClient, route: Route, path: str, body: Any = None) -> httpx.Response:
    """Send a request of the route's form. Events go on for ever for whoever may have them, so an unheard-of topic is asked for."""
    given: dict[str, Any] = {"headers": {"if-match": "*"}} if route.method in {"PUT", "PATCH"} else {}
    given |= {"params": {"topics": "nothing"}} if route.name == "events_watch" else {}
    given |= {} if route.method in {"GET", "HEAD", "DELETE"} else {"json": body or {}}
    return await guest.request(route.method, path, **given)


async def test_the_table_of_roles_is_the_one_that_was_agreed_on() -> None:
    told = {role: {f"{one.name}{'*' * one.person_only}" for one in PERMISSIONS.values() if one.least == role} for role in ROLES}
    assert told == {role: set(names.split()) for role, names in AGREED.items()}


async def test_what_asks_nobody_who_they_are_is_agreed_on_too(house: House) -> None:
    assert {context.name for context in routes_of(house.door.app) if is_public(context)} == set(OPEN.split())


async def test_there_is_an_object_behind_every_place_in_a_path(house: House) -> None:
    places = {name for route in house.routes() for name in re.findall(r"{(\w+)}", route.path)}
    assert places - OF_NOBODY.keys() - house.ours.places.keys() == set(), "make one of it in tests/fixtures/nouns.py"


async def test_nobody_is_let_in_anywhere(house: House) -> None:
    wrong = []
    for route in house.routes():
        answer = await ask(house.guests["nobody"], route, route.path.format_map({**OF_NOBODY, **house.ours.places}))
        if answer.status_code != 401 or "www-authenticate" not in answer.headers or (answer.content and answer.json()["code"] != "unauthenticated"):
            wrong.append((route, answer.status_code, answer.text[:200]))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("tenant", [OURS, THEIRS])
@pytest.mark.parametrize("who", [*ROLES, "program"])
async def test_everybody_is_let_in_where_the_table_says_and_told_why_elsewhere(house: House, who: str, tenant: str) -> None:
    """Asked for what does not exist and with empty bodies, so that nothing comes of it; refusals come before anything is looked at."""
    may = permissions_of_token("admin", frozenset(NARROW)) if who == "program" else permissions_of(who)
    wrong = []
    for route in house.routes():
        answer = await ask(house.guests[f"{who} of {tenant}"], route, nowhere(house.ours.path(route.path)))
        told = answer.json() if answer.headers.get("content-type") == "application/problem+json" and answer.content else {}
        refused = (answer.status_code, told.get("code"), told.get("permission")) == (403, "not_allowed", route.permission)
        if route.permission in may:
            right = answer.status_code != 401 and (not refused or "only the tenant that runs the studio" in told["detail"])
        elif route.method == "HEAD":
            right = answer.status_code == 403
        else:
            right = refused and route.permission in told["detail"] and "ask an admin" in told["detail"]
        if not right:
            wrong.append((route, answer.status_code, answer.text[:200]))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(("tenant", "whose"), [(THEIRS, OURS), (OURS, THEIRS)])
async def test_what_is_another_tenants_is_as_if_it_were_not_there(house: House, tenant: str, whose: str) -> None:
    """By an admin, who may do everything to their own: refused as what never was, in the same words, and nothing is changed."""
    guest, objects = house.guests[f"admin of {tenant}"], house.ours if whose == OURS else house.theirs
    before, wrong = house.print(), []
    for route in house.routes():
        if not route.names_an_object:
            continue
        path, body = objects.path(route.path), objects.body(route.name)
        found, missing = await ask(guest, route, path, body), await ask(guest, route, nowhere(path), body)
        if (found.status_code, missing.status_code) != (404, 404) or shape(found) != shape(missing):
            wrong.append((route, found.status_code, found.text[:200], missing.status_code, missing.text[:200]))
    assert not wrong, "\n".join(map(str, wrong))
    assert {table: held for table, held in house.print().items() if before[table] != held} == {}


@pytest.mark.parametrize(("tenant", "whose"), [(THEIRS, OURS), (OURS, THEIRS)])
async def test_no_list_and_no_filter_tells_of_another_tenants_objects(house: House, tenant: str, whose: str) -> None:
    guest, objects = house.guests[f"admin of {tenant}"], house.ours if whose == OURS else house.theirs
    filters = [{}, {"channel": objects.channel}, {"autonomous_run": objects.autonomous_run}, {"subject": objects.channel}]
    filters.append({"provenance": "demo", "channel": objects.channel, "q": "lighthouse"})
    wrong = []
    for route in house.routes():
        if route.method != "GET" or "{" in route.path or route.name == "events_watch":
            continue
        for asked in filters:
            answer = await guest.get(route.path, params=asked)
            told = {secret for secret in objects.secrets if secret in answer.text}
            if told or answer.status_code >= 500 and answer.status_code != 503:
                wrong.append((route, asked, told, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


NAMED: dict[str, Callable[[Objects], dict[str, Any]]] = {
    "tasks_create channel": lambda of: {"json": {"kind": "topic", "topic": "The Moon", "channel": of.channel}},
    "tasks_create upload": lambda of: {"json": {"kind": "sources", "sources": [of.places["upload_id"]]}},
    "tasks_create file": lambda of: {"json": {"kind": "tool", "tool": "read_source", "args": {"artifact": of.places["digest"], "name": "notes.md"}}},
    "tasks_create film": lambda of: {"json": {"kind": "tool", "tool": "inspect_media", "args": {"video": of.places["digest"]}}},
    "tasks_create_batch": lambda of: {"json": {"tasks": [{"kind": "topic", "topic": "The Moon", "channel": of.channel}]}},
    "runs_start": lambda of: {"json": {"channel": of.channel}},
    "autonomous_runs_start": lambda of: {"json": {"hours": 6, "budget_usd": 1, "channels": [of.channel]}},
    "memory_forget run": lambda of: {"params": {"source": f"run:{of.places['run_id']}"}},
    "memory_forget video": lambda of: {"params": {"source": f"video:{of.places['video_id']}"}},
    "memory_forget lesson": lambda of: {"params": {"source": f"lesson:{of.others['lesson']}"}},
    "memory_forget platform": lambda of: {"params": {"source": f"platform:{of.channel}"}},
    "memory_forget feed": lambda of: {"params": {"source": f"feed:{of.others['feed']}"}},
    "memory_forgetting": lambda of: {"params": {"source": f"run:{of.places['run_id']}"}},
    "memory_search": lambda of: {"params": {"channel": of.channel, "q": "the Moon"}},
    "lessons_list": lambda of: {"params": {"channel": of.channel}},
    "events_watch run": lambda of: {"params": {"topics": f"run:{of.places['run_id']}"}},
    "events_watch fleet": lambda of: {"params": {"topics": f"run:{of.autonomous_run}"}},
    "events_watch channel": lambda of: {"params": {"topics": f"channel:{of.channel}"}},
}


@pytest.mark.parametrize(("tenant", "whose"), [(THEIRS, OURS), (OURS, THEIRS)])
@pytest.mark.parametrize("named", NAMED)
async def test_what_is_named_in_a_body_or_a_question_is_looked_for_among_ones_own(house: House, named: str, tenant: str, whose: str) -> None:
    guest, objects = house.guests[f"admin of {tenant}"], house.ours if whose == OURS else house.theirs
    route = next(one for one in house.routes() if one.name == named.split()[0])
    nothing = replace(objects, channel="nobody", autonomous_run=f"auto_{'f' * 32}", places={name: nowhere(one) for name, one in objects.places.items()})
    nothing = replace(nothing, others={name: nowhere(one) for name, one in objects.others.items()})
    before = house.print()
    found, missing = [await guest.request(route.method, route.path, **NAMED[named](one)) for one in (objects, nothing)]
    assert found.status_code in {404, 422}, found.text
    assert (found.status_code, shape(found)) == (missing.status_code, shape(missing))
    assert {table: held for table, held in house.print().items() if before[table] != held} == {}


async def test_a_scope_of_another_tenant_is_not_switched(house: House) -> None:
    for guest, objects in ((house.guests["admin of tenant_other"], house.ours),):
        for scope in ("all", "provider:openai", f"tenant:{OURS}", f"channel:{objects.channel}", f"run:{objects.places['run_id']}"):
            for verb in ("engage", "release"):
                answer = await guest.post(f"/v1/switches/{verb}", json={"scope": scope, "reason": "mine"})
                assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), scope
        assert (await guest.get("/v1/switches")).json()["items"] == []


async def test_one_key_sent_by_two_people_is_two_requests(house: House) -> None:
    """A kept answer is for whoever was given it, and whether a key is known is nobody else's business."""
    wish = {"kind": "topic", "topic": "The Moon"}
    first, second = [
        await house.guests[who].post("/v1/tasks", json=wish, headers={"idempotency-key": "shared"})
        for who in ("operator of tenant_local", "admin of tenant_other")
    ]
    third = await house.guests["admin of tenant_local"].post("/v1/tasks", json={**wish, "topic": "Mars"}, headers={"idempotency-key": "shared"})
    assert [one.status_code for one in (first, second, third)] == [202, 202, 202]
    assert len({one.json()["id"] for one in (first, second, third)}) == 3
    assert [one for one in (first, second, third) if "idempotent-replayed" in one.headers] == []


@pytest.mark.parametrize("tenant", [OURS, THEIRS])
async def test_the_same_requests_reach_ones_own_objects_and_are_in_ones_own_trail(house: House, tenant: str) -> None:
    """Without this the refusals above would prove nothing: each path leads to something, and each body is taken."""
    guest, objects, wrong = house.guests[f"admin of {tenant}"], house.ours if tenant == OURS else house.theirs, []
    for route in sorted(house.routes(), key=lambda one: (one.name in _LATE, _ORDER.index(one.method))):
        if not route.names_an_object:
            continue
        answer = await ask(guest, route, objects.path(route.path), objects.body(route.name))
        good = answer.status_code == 200 if route.method in {"GET", "HEAD"} else answer.status_code not in {401, 403, 404, 405, 422, 428, 500}
        if not good:
            wrong.append((route, answer.status_code, answer.text[:300]))
    assert not wrong, "\n".join(map(str, wrong))
    trails = [await house.guests[f"admin of {one}"].get("/v1/audit", params={"limit": 200}) for one in (tenant, THEIRS if tenant == OURS else OURS)]
    done = {event["action"] for event in trails[0].json()["items"]}
    assert {"incident_action.taken_back", "personality_change.approved", "video.script_edited", "webhook.rotated"} <= done
    assert {secret for secret in objects.secrets if secret in trails[1].text} == set()


def shape(answer: httpx.Response) -> dict[str, Any]:
    """Return what a refusal says but for the ids in it."""
    told: dict[str, Any] = answer.json() if answer.content else {}
    ids = re.compile(r"[0-9a-f]{32,64}|pulse|deep-orbit|nobody")
    return {name: ids.sub("ID", str(value)) for name, value in told.items() if name != "request_id"} | {"headers": sorted(answer.headers)}
