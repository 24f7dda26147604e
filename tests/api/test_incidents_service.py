"""Incidents over HTTP: listed as the command lists them, seen, closed, and their actions taken back."""

import pytest

from api.incidents.schemas import IncidentPage
from api.incidents.telling import told
from memory.repositories.channels import ChannelRepository
from memory.repositories.incident_actions import IncidentActionRepository, NewAction
from memory.repositories.incidents import IncidentRepository
from tests.fixtures.service import Service


def opened(service: Service, key: str = "k", severity: str = "critical", channel: str | None = None) -> str:
    with service.state.studio.unit_of_work() as session:
        if channel is not None:
            ChannelRepository(session).ensure(channel, channel, channel)
        return IncidentRepository(session).open(key, "copyright_strike", severity, "a strike", signal="a notice", confidence=0.9, channel_id=channel).id


def held(service: Service, incident: str, reversible: bool = True) -> str:
    """Record that a queue was held."""
    with service.state.studio.unit_of_work() as session:
        new = NewAction("hold", "pulse", "done", "operator", "a strike", "release the hold", reversible=reversible)
        return IncidentActionRepository(session).record(incident, new)[0].id


async def test_the_service_lists_what_the_command_lists(service: Service) -> None:
    opened(service, "a"), opened(service, "b", "info", "pulse")
    body = (await service.client.get("/v1/incidents")).content
    listed = IncidentPage.model_validate_json(body)
    with service.state.studio.unit_of_work() as session:
        rows = [told(row) for row in IncidentRepository(session).list_().items]
    assert listed == IncidentPage.model_validate({"items": rows, "next": None})
    only = (await service.client.get("/v1/incidents", params={"channel": "pulse", "status": "open"})).json()["items"]
    assert [one["channel"] for one in only] == ["pulse"]


async def test_an_incident_is_seen_and_closed_once(service: Service) -> None:
    incident = opened(service)
    seen = await service.client.post(f"/v1/incidents/{incident}/acknowledge", json={"note": "looking"})
    assert (seen.status_code, seen.json()["status"]) == (200, "acknowledged")
    closed = await service.client.post(f"/v1/incidents/{incident}/resolve", json={})
    assert [(one["by"], one["what"]) for one in closed.json()["timeline"]][1:] == [("user_1", "acknowledged"), ("user_1", "resolved")]
    again = await service.client.post(f"/v1/incidents/{incident}/resolve", json={})
    assert (again.status_code, again.json()["code"]) == (409, "incident_resolved")
    assert (await service.client.get("/v1/incidents/nowhere")).status_code == 404


async def test_an_action_is_taken_back_and_a_repetition_gets_the_first_answer(service: Service) -> None:
    action = held(service, opened(service, channel="pulse"))
    sent = [await service.client.post(f"/v1/incident-actions/{action}/reverse", headers={"idempotency-key": "once"}) for _ in range(2)]
    assert [one.status_code for one in sent] == [200, 200]
    assert sent[0].json()["reversed_by"] == "user_1"
    assert sent[1].content == sent[0].content
    assert sent[1].headers["idempotent-replayed"] == "true"
    anew = await service.client.post(f"/v1/incident-actions/{action}/reverse", headers={"idempotency-key": "twice"})
    assert (anew.status_code, anew.json()["code"]) == (409, "action_closed")
    # It had no effect, so its key is free again.
    assert (await service.client.post(f"/v1/incident-actions/{action}/reverse", headers={"idempotency-key": "twice"})).json()["code"] == "action_closed"


async def test_another_tenant_neither_sees_nor_touches_them(service: Service) -> None:
    incident = opened(service, channel="pulse")
    action = held(service, incident)
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/incidents")).json()["items"] == []
    for path in (f"/v1/incidents/{incident}/resolve", f"/v1/incident-actions/{action}/reverse"):
        assert (await service.client.post(path, json={})).status_code == 404, path


@pytest.mark.parametrize("query", [{"status": "odd"}, {"channel": "../etc"}, {"limit": 0}, {"limit": "many"}])
async def test_a_filter_that_cannot_be_is_refused_by_name(service: Service, query: dict[str, str]) -> None:
    answer = await service.client.get("/v1/incidents", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"query.{next(iter(query))}"
