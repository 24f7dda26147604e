"""Grave acts ask for a password that was shown lately; everything else does not."""

from typing import Any

import httpx
import pytest

from api.http.openapi import asks_for_confirmation, routes_of
from memory.repositories.audit import AuditRepository
from tests.fixtures.identity import PASSWORD, Door

GRAVE = {
    "me_create_token",
    "users_create",
    "users_edit",
    "users_create_link",
    "switches_release",
    "providers_reset",
    "settings_edit",
    "accounts_connect",
    "payments_checkout",
    "payments_portal",
    "webhook_endpoints_create",
    "webhook_endpoints_edit",
    "webhook_endpoints_rotate",
    "cost_limits_edit",
}
ACTS = (
    ("POST", "/v1/me/tokens", {"name": "bot", "scopes": ["me:read"]}),
    ("POST", "/v1/users", {"email": "bo@example.org", "role": "viewer"}),
    ("PATCH", "/v1/users/{me}", {"name": "Ada"}),
    ("POST", "/v1/users/{me}/link", None),
    ("POST", "/v1/switches/release", {"scope": "all", "reason": "mended"}),
    ("PUT", "/v1/settings/YTEMPIRE_LIMIT_VIDEO_USD", {"value": 2}),
    ("PATCH", "/v1/cost-limits", {"day": 3}),
)
_NOWHERE = f"/v1/webhook-endpoints/endpoint_{'f' * 32}"
OUTWARD: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/v1/accounts/pulse/connect", {}),
    ("POST", "/v1/payments/checkout", {"plan": "studio"}),
    ("POST", "/v1/payments/portal", None),
    ("POST", "/v1/webhook-endpoints", {"url": "https://10.0.0.1/hook", "kinds": ["*"]}),
    ("PATCH", _NOWHERE, {"note": "elsewhere"}),
    ("POST", f"{_NOWHERE}/rotate", {"overlap_hours": 0}),
)
# What takes a right away or sends what was sent before.
QUIET: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/v1/accounts/pulse/revoke", {"reason": "gone"}),
    ("DELETE", _NOWHERE, None),
    ("POST", f"{_NOWHERE}/ping", None),
)
_LONG_AGO = "update sessions set confirmed_at = now() - interval '16 minutes'"


def test_the_grave_acts_are_these_and_the_schema_says_so(door: Door) -> None:
    assert {context.name for context in routes_of(door.app) if asks_for_confirmation(context)} == GRAVE
    paths = door.app.openapi()["paths"]
    assert {one["operationId"] for path in paths.values() for one in path.values() if one.get("x-confirmed")} == GRAVE


async def test_after_a_while_each_asks_for_the_password_and_takes_it_once(door: Door) -> None:
    ada = await door.sign_in("ada@example.org", "admin")
    me = (await ada.get("/v1/me")).json()["user"]["id"]
    with door.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("insert into kill_switches (scope, engaged, reason, changed_by) values ('all', true, 'x', 'test')")
    door.run(_LONG_AGO)
    ada.headers["authorization"] = f"Bearer {(await ada.post('/v1/auth/refresh')).json()['access_token']}"
    for method, path, body in ACTS:
        refused = await ada.request(method, path.format(me=me), json=body, headers={"if-match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (403, "confirmation_needed"), (path, refused.text)
        assert (refused.json()["confirm_at"], refused.json()["within_minutes"], refused.json()["retryable"]) == ("/v1/me/confirm", 15, False)
    assert (await ada.get("/v1/users")).status_code == 200
    confirmed = await ada.post("/v1/me/confirm", json={"password": PASSWORD})
    assert confirmed.status_code == 200, confirmed.text
    old, ada.headers["authorization"] = ada.headers["authorization"], f"Bearer {confirmed.json()['access_token']}"
    for method, path, body in ACTS:
        done = await ada.request(method, path.format(me=me), json=body, headers={"if-match": "*"})
        assert done.status_code < 300, (path, done.text)
    # The other tab's token says when it was shown before; its next one says what is known by now.
    again = {"authorization": old, "if-match": "*"}
    assert (await ada.patch(f"/v1/users/{me}", json={"name": "Ada"}, headers=again)).json()["code"] == "confirmation_needed"
    fresh = (await ada.post("/v1/auth/refresh")).json()["access_token"]
    assert (await ada.patch(f"/v1/users/{me}", json={"name": "Ada"}, headers={"authorization": f"Bearer {fresh}", "if-match": "*"})).status_code == 200


async def test_what_lets_others_publish_pays_or_sends_events_elsewhere_asks_before_anything_else(door: Door) -> None:
    ada = await door.sign_in("ada@example.org", "admin")
    door.run(_LONG_AGO)
    ada.headers["authorization"] = f"Bearer {(await ada.post('/v1/auth/refresh')).json()['access_token']}"
    codes = [await _code(ada, *act) for act in (*OUTWARD, *QUIET)]
    assert codes[: len(OUTWARD)] == ["confirmation_needed"] * len(OUTWARD)
    assert "confirmation_needed" not in codes[len(OUTWARD) :]
    told = (await ada.post("/v1/me/confirm", json={"password": PASSWORD})).json()
    ada.headers["authorization"] = f"Bearer {told['access_token']}"
    assert "confirmation_needed" not in [await _code(ada, *act) for act in OUTWARD]
    program = door.client()
    # Of a program these permissions are not asked to be confirmed: it never has them.
    program.headers["authorization"] = f"Bearer {(await ada.post('/v1/me/tokens', json={'name': 'bot', 'scopes': ['me:read']})).json()['token']}"
    assert {await _code(program, *act) for act in OUTWARD} == {"not_allowed"}


async def _code(guest: httpx.AsyncClient, method: str, path: str, body: object) -> str:
    answer = await guest.request(method, path, json=body, headers={"if-match": "*"})
    return str(answer.json()["code"])


async def test_some_edits_of_a_channel_are_grave_and_the_others_are_not(door: Door) -> None:
    ada = await door.sign_in("ada@example.org", "admin")
    where, match = "/v1/channels/deep-orbit", {"if-match": "*"}
    made = await ada.post("/v1/channels", json={"personality": "deep-orbit", "budget_day_usd": 5})
    assert made.status_code == 201, made.text
    door.run(_LONG_AGO)
    ada.headers["authorization"] = f"Bearer {(await ada.post('/v1/auth/refresh')).json()['access_token']}"
    for change in ({"budget_day_usd": 4}, {"two_person": True}, {"autonomy": "policy"}):
        assert (await ada.patch(where, json=change, headers=match)).status_code == 200, change
    for grave, said in (({"budget_day_usd": 6}, "budget_day_usd"), ({"budget_day_usd": None}, "budget_day_usd"), ({"two_person": False}, "two_person")):
        refused = await ada.patch(where, json=grave, headers=match)
        assert (refused.status_code, refused.json()["code"], refused.json()["detail"].partition(":")[0]) == (403, "confirmation_needed", said)
    ada.headers["authorization"] = f"Bearer {(await ada.post('/v1/me/confirm', json={'password': PASSWORD})).json()['access_token']}"
    done = await ada.patch(where, json={"budget_day_usd": None, "two_person": False}, headers=match)
    assert (done.status_code, done.json()["budget_day_usd"], done.json()["two_person"]) == (200, None, False)


async def test_a_wrong_password_confirms_nothing_is_told_apart_from_a_dead_token_and_slowed_down(door: Door) -> None:
    ada = await door.sign_in("ada@example.org", "admin")
    for _ in range(5):
        wrong = await ada.post("/v1/me/confirm", json={"password": "not this one at all"})
        assert (wrong.status_code, wrong.json()["code"]) == (403, "password_wrong")
    waits = await ada.post("/v1/me/confirm", json={"password": PASSWORD})
    assert waits.status_code == 429
    assert int(waits.headers["retry-after"]) >= 1
    with door.state.studio.unit_of_work() as session:
        assert [one.action for one in AuditRepository(session).list_()].count("session.confirm_refused") == 5


@pytest.mark.parametrize("act", ["end sessions", "revoke a token", "engage a switch"])
async def test_what_makes_the_studio_safer_never_asks(door: Door, act: str) -> None:
    ada = await door.sign_in("ada@example.org", "admin")
    made = (await ada.post("/v1/me/tokens", json={"name": "bot", "scopes": ["me:read"]})).json()
    door.run(_LONG_AGO)
    ada.headers["authorization"] = f"Bearer {(await ada.post('/v1/auth/refresh')).json()['access_token']}"
    asked = {
        "end sessions": ("DELETE", f"/v1/users/{(await ada.get('/v1/me')).json()['user']['id']}/sessions", None),
        "revoke a token": ("DELETE", f"/v1/me/tokens/{made['id']}", None),
        "engage a switch": ("POST", "/v1/switches/engage", {"scope": "all", "reason": "stop"}),
    }
    method, path, body = asked[act]
    assert (await ada.request(method, path, json=body)).status_code < 300


async def test_a_changed_password_was_shown(door: Door) -> None:
    ada = await door.sign_in("ada@example.org", "admin")
    door.run(_LONG_AGO)
    assert (await ada.post("/v1/me/password", json={"current": PASSWORD, "new": "four quiet harbours"})).status_code == 200
    ada.headers["authorization"] = f"Bearer {(await ada.post('/v1/auth/refresh')).json()['access_token']}"
    assert (await ada.post("/v1/me/tokens", json={"name": "bot", "scopes": ["me:read"]})).status_code == 201
