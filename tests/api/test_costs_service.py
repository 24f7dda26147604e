"""Costs, limits, switches and settings over HTTP."""

import pytest

from memory.ledger import BudgetExceeded, Charge, Ledger, Limits
from memory.records.videos import VideoRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.switches import Stopped, SwitchRepository
from tests.fixtures.service import EVERYTHING, Service


def spend(service: Service, microusd: int, provider: str = "acme", limits: Limits | None = None) -> None:
    with service.state.studio.unit_of_work() as session:
        ledger = Ledger(session)
        ledger.settle(ledger.reserve(Charge(provider, "op", microusd, video_id="v1", channel_id="pulse", run_id="r1"), limits or Limits()).id, microusd)


async def test_costs_are_told_by_every_grouping(service: Service) -> None:
    spend(service, 1_500_000)
    spend(service, 500_000, "zeta")
    body = (await service.client.get("/v1/costs", params={"by": "provider"})).json()
    assert [(row["key"], row["booked_usd"]) for row in body["rows"]] == [("acme", 1.5), ("zeta", 0.5)]
    assert (body["total"]["booked_usd"], body["total"]["calls"]) == (2.0, 2)
    for by, key in (("video", "v1"), ("channel", "pulse"), ("run", "r1")):
        assert (await service.client.get("/v1/costs", params={"by": by})).json()["rows"][0]["key"] == key
    assert (await service.client.get("/v1/costs", params={"since": "2100-01-01"})).json()["rows"] == []
    backwards = await service.client.get("/v1/costs", params={"since": "2026-02-01", "until": "2026-01-01"})
    assert (backwards.status_code, backwards.json()["errors"][0]["field"]) == (422, "since")
    assert (await service.client.get("/v1/costs", params={"by": "colour"})).status_code == 422


async def test_the_newest_videos_costs_are_told_by_provider_and_a_free_one_is_among_them(service: Service) -> None:
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure("pulse", "pulse", "Pulse")
        for video in ("v1", "v2"):
            session.add(VideoRecord(id=video, channel_id="pulse", topic="tides", title=f"Title {video}", format="landscape", seconds=60, provenance="real"))
            session.flush()
    spend(service, 500_000)
    spend(service, 1_500_000, "zeta")
    told = (await service.client.get("/v1/costs/videos", params={"channel": "pulse"})).json()
    of = {one["video"]: one for one in told["items"]}
    assert (of["v1"]["title"], of["v1"]["usd"]) == ("Title v1", 2.0)
    assert [(row["key"], row["booked_usd"]) for row in of["v1"]["providers"]] == [("zeta", 1.5), ("acme", 0.5)]
    assert (of["v2"]["usd"], of["v2"]["providers"]) == (0, [])
    assert len((await service.client.get("/v1/costs/videos", params={"limit": 1})).json()["items"]) == 1
    assert (await service.client.get("/v1/costs/videos", params={"channel": "other"})).json()["items"] == []
    assert (await service.client.get("/v1/costs/videos", params={"limit": 0})).status_code == 422
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/costs/videos")).json()["items"] == []


async def test_a_limit_that_is_set_holds_from_the_next_call_on(service: Service) -> None:
    first = await service.client.get("/v1/cost-limits")
    limits = {one["limit"]: one for one in first.json()["items"]}
    assert (limits["day"]["usd"], limits["day"]["source"], limits["tenant"]["usd"]) == (45.0, "environment", None)
    blind = await service.client.patch("/v1/cost-limits", json={"day": 1})
    assert blind.status_code == 428
    changed = await service.client.patch("/v1/cost-limits", json={"day": 1, "call": 0.5}, headers={"if-match": first.headers["etag"]})
    assert changed.status_code == 200, changed.text
    assert {one["limit"]: one["usd"] for one in changed.json()["items"] if one["source"] == "set"} == {"day": 1.0, "call": 0.5}
    stale = await service.client.patch("/v1/cost-limits", json={"day": 9}, headers={"if-match": first.headers["etag"]})
    assert stale.status_code == 412
    given = Limits(call=10_000_000, day=45_000_000)
    with pytest.raises(BudgetExceeded, match="call"):
        spend(service, 600_000, limits=given)
    spend(service, 400_000, limits=given)
    spend(service, 400_000, limits=given)
    with pytest.raises(BudgetExceeded, match="day"):
        spend(service, 400_000, limits=given)
    back = await service.client.patch("/v1/cost-limits", json={"day": None, "call": None}, headers={"if-match": "*"})
    assert {one["source"] for one in back.json()["items"]} == {"environment"}
    spend(service, 600_000, limits=given)
    for bad in ({}, {"day": -1}, {"colour": 1}, {"day": 1e9}):
        assert (await service.client.patch("/v1/cost-limits", json=bad, headers={"if-match": "*"})).status_code == 422


async def test_alerts_are_told_as_they_were_raised(service: Service) -> None:
    spend(service, 900_000, limits=Limits(day=1_000_000))
    whole = (await service.client.get("/v1/cost-alerts")).json()
    assert {(one["scope"], one["percent"], one["limit_usd"]) for one in whole["alerts"]} == {("day", 50, 1.0), ("day", 80, 1.0)}
    assert whole["next"] is None
    first = (await service.client.get("/v1/cost-alerts", params={"limit": 1})).json()
    second = (await service.client.get("/v1/cost-alerts", params={"limit": 1, "cursor": first["next"]})).json()
    assert (first["alerts"] + second["alerts"], second["next"]) == (whole["alerts"], None)
    assert (await service.client.get("/v1/cost-alerts", params={"cursor": "x"})).status_code == 422


async def test_the_kill_switch_stops_and_lets_go_on_with_reasons(service: Service) -> None:
    stopped = await service.client.post("/v1/switches/engage", json={"scope": "provider:acme", "reason": "wrong voice"})
    assert [(one["scope"], one["reason"], one["by"]) for one in stopped.json()["items"]] == [("provider:acme", "wrong voice", "user_1")]
    with service.state.studio.unit_of_work() as session, pytest.raises(Stopped):
        SwitchRepository(session).ensure_released(["provider:acme"])
    assert (await service.client.get("/v1/switches")).json() == stopped.json()
    for bad in ({"scope": "all"}, {"scope": "colour:red", "reason": "x"}, {"scope": "all", "reason": " "}):
        assert (await service.client.post("/v1/switches/engage", json=bad)).status_code == 422
    service.asking.sign_in(scopes=EVERYTHING - {"switches:release"})
    assert (await service.client.post("/v1/switches/release", json={"scope": "provider:acme", "reason": "ok"})).status_code == 403
    service.asking.sign_in()
    released = await service.client.post("/v1/switches/release", json={"scope": "provider:acme", "reason": "mended"})
    assert released.json() == {"items": []}
    again = await service.client.post("/v1/switches/release", json={"scope": "provider:acme", "reason": "mended"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "scope")
    assert (await service.client.post("/v1/providers/acme/reset")).json() == {"provider": "acme", "circuits": 0}
    with service.state.studio.unit_of_work() as session:
        assert [event.action for event in AuditRepository(session).list_()] == ["switch.engaged", "switch.released", "circuit.reset"]


async def test_settings_never_tell_a_secret(service: Service) -> None:
    items = {one["name"]: one for one in (await service.client.get("/v1/settings")).json()["items"]}
    assert (items["DATABASE_URL"]["secret"], items["DATABASE_URL"]["value"], items["DATABASE_URL"]["is_set"]) == (True, None, True)
    assert (items["OPENAI_API_KEY"]["secret"], items["OPENAI_API_KEY"]["is_set"]) == (True, False)
    assert (items["YTEMPIRE_KEEP_DAYS"]["value"], items["YTEMPIRE_KEEP_DAYS"]["changeable"]) == (90, False)
    secrets = {one["name"] for one in items.values() if one["secret"]}
    told = ("KEY", "SECRET", "TOKEN", "URL", "NOTIFY")
    known = {"YTEMPIRE_BACKUP_KEY", "YOUTUBE_CLIENT_ID", "YTEMPIRE_TOKEN_KEYS"}
    assert {name for name in items if name.endswith(told)} - secrets <= known
    assert str(service.state.settings.database_url) not in (await service.client.get("/v1/settings")).text


async def test_what_may_be_changed_while_the_studio_runs_is_changed(service: Service) -> None:
    name = "/v1/settings/YTEMPIRE_LIMIT_VIDEO_USD"
    first = await service.client.get(name)
    changed = await service.client.put(name, json={"value": 2}, headers={"if-match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["value"], changed.json()["source"]) == (200, 2.0, "set")
    assert (await service.client.get(name)).headers["etag"] == changed.headers["etag"]
    other = await service.client.put("/v1/settings/YTEMPIRE_KEEP_DAYS", json={"value": 30}, headers={"if-match": "*"})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "YTEMPIRE_KEEP_DAYS")
    assert (await service.client.get("/v1/settings/NOTHING")).status_code == 404


async def test_another_tenant_stops_itself_alone_and_changes_no_limit(service: Service) -> None:
    spend(service, 1_000)
    with service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("insert into tenants (id, name) values ('tenant_other', 'Other')")
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/costs")).json()["total"]["calls"] == 0
    assert (await service.client.post("/v1/switches/engage", json={"scope": "all", "reason": "x"})).status_code == 403
    own = await service.client.post("/v1/switches/engage", json={"scope": "tenant:tenant_other", "reason": "x"})
    assert [one["scope"] for one in own.json()["items"]] == ["tenant:tenant_other"]
    assert (await service.client.patch("/v1/cost-limits", json={"day": 1}, headers={"if-match": "*"})).status_code == 403
    assert (await service.client.get("/v1/settings")).status_code == 403
