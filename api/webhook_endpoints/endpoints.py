"""`/v1/webhook-endpoints` and `/v1/webhook-deliveries`."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.auth.confirming import RequireConfirmed
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import ServiceState, State
from api.http.versions import Version, answer, versioned
from api.webhook_endpoints.schemas import (
    DeliveryPage,
    DeliveryView,
    EndpointChange,
    EndpointPage,
    EndpointSecret,
    EndpointView,
    NewEndpoint,
    Rotation,
    Status,
    Try,
)
from infra.database import UnitOfWork
from infra.errors import Invalid
from memory.records.webhooks import WebhookDeliveryRecord, WebhookEndpointRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.keyset import encode_cursor
from memory.repositories.webhooks import WebhookRepository, endpoint_of
from memory.webhook_secrets import WebhookSecrets, new_secret
from tools.fetch_guard import AddressForbidden
from tools.webhook_post import check_receiver, private_origins

router = APIRouter(tags=["webhook_endpoints"])
Reader = Annotated[Principal, Require("webhooks:read")]
Keeper = Annotated[Principal, RequireConfirmed("webhooks:manage")]
Sender = Annotated[Principal, Require("webhooks:manage")]
EndpointId = Annotated[str, Path(pattern=r"^endpoint_[0-9a-f]{32}$")]
DeliveryId = Annotated[str, Path(pattern=r"^delivery_[0-9a-z_]{1,100}$")]
OfStatus = Annotated[Status | None, Query(description="Of this status only.")]
PING = "webhook.ping"


@router.get("/v1/webhook-endpoints", response_model=EndpointPage)
def webhook_endpoints_list(request: Request, state: State, who: Reader, page: Paging) -> Response:
    """List the addresses that events are sent to, newest first."""
    with state.work(who) as session:
        found = WebhookRepository(session).list_(who.tenant_id, encode_cursor(*page.after) if page.after else None, page.limit)
        return answer(request, EndpointPage(items=[_view(one) for one in found.items], next=found.next).model_dump_json().encode())


@router.post("/v1/webhook-endpoints", status_code=201, response_model=EndpointSecret, responses=problems(409))
def webhook_endpoints_create(state: State, who: Keeper, new: NewEndpoint) -> Response:
    """Add an address. The secret that signs what is sent there is told this once."""
    _check(state, new.url)
    secret, row = new_secret(), endpoint_of(who.tenant_id, new.url, new.kinds, who.user_id)
    row.note, row.secret = new.note, WebhookSecrets(state.settings).seal(secret, row.id)
    with state.work(who) as session:
        made = WebhookRepository(session).add(row)
        AuditRepository(session).append(who.user_id, "webhook.added", made.id, {"url": made.url, "kinds": list(made.kinds)})
        told = EndpointSecret(**_view(made).model_dump(), secret=secret)
        return Answer(told.model_dump_json().encode(), 201, f"/v1/webhook-endpoints/{made.id}").response()


@router.get("/v1/webhook-endpoints/{endpoint_id}", response_model=EndpointView, responses=problems(404))
def webhook_endpoints_get(request: Request, state: State, who: Reader, endpoint_id: EndpointId) -> Response:
    """Return one address and how it fares."""
    with state.work(who) as session:
        return answer(request, _body(WebhookRepository(session).get(endpoint_id)))


@router.patch("/v1/webhook-endpoints/{endpoint_id}", response_model=EndpointView, responses=problems(404, 412, 428))
def webhook_endpoints_edit(state: State, who: Keeper, endpoint_id: EndpointId, version: Version, asked: EndpointChange) -> Response:
    """Change the address, what it wants to be told of, or pause it."""
    changed = {name: value for name, value in asked.model_dump(exclude_unset=True).items() if value is not None}
    if asked.url is not None:
        _check(state, asked.url)
    with state.work(who) as session:
        row = WebhookRepository(session).get(endpoint_id, lock=True)
        version.check(_body(row))
        for name, value in changed.items():
            setattr(row, name, value)
        if changed.keys() & {"url", "paused"}:
            row.failures, row.rests_until = 0, None
        session.flush()
        AuditRepository(session).append(who.user_id, "webhook.changed", endpoint_id, changed)
        return versioned(_body(row))


@router.delete("/v1/webhook-endpoints/{endpoint_id}", status_code=204, responses=problems(404))
def webhook_endpoints_delete(state: State, who: Sender, endpoint_id: EndpointId) -> Response:
    """Delete an address with everything that is on its way there."""
    with state.work(who) as session:
        WebhookRepository(session).delete(endpoint_id)
        AuditRepository(session).append(who.user_id, "webhook.deleted", endpoint_id, {})
    return Response(status_code=204)


@router.post("/v1/webhook-endpoints/{endpoint_id}/rotate", response_model=EndpointSecret, responses=problems(404))
def webhook_endpoints_rotate(state: State, who: Keeper, endpoint_id: EndpointId, asked: Rotation) -> Response:
    """Make a new secret, told this once; for the hours of the overlap both sign, the new one first."""
    secret = new_secret()
    sealed = WebhookSecrets(state.settings).seal(secret, endpoint_id)
    with state.work(who) as session:
        row = WebhookRepository(session).rotate(endpoint_id, sealed, timedelta(hours=asked.overlap_hours))
        AuditRepository(session).append(who.user_id, "webhook.rotated", endpoint_id, asked.model_dump())
        return Answer(EndpointSecret(**_view(row).model_dump(), secret=secret).model_dump_json().encode()).response()


@router.post("/v1/webhook-endpoints/{endpoint_id}/ping", status_code=202, response_model=DeliveryView, responses=problems(404, 409))
def webhook_endpoints_ping(state: State, who: Sender, once: Repetition, endpoint_id: EndpointId) -> Response:
    """Send something that means nothing, to see whether it arrives."""

    def effect(session: UnitOfWork) -> Answer:
        webhooks = WebhookRepository(session)
        body: dict[str, Any] = {
            "kind": PING,
            "subject": endpoint_id,
            "channel": None,
            "run": None,
            "alert": False,
            "at": state.clock.now().isoformat(),
            "data": {},
        }
        return _sent(webhooks.queue(webhooks.get(endpoint_id), PING, body))

    return once.run(state, who, effect)


@router.get("/v1/webhook-endpoints/{endpoint_id}/deliveries", response_model=DeliveryPage, responses=problems(404))
def webhook_deliveries_list(state: State, who: Reader, endpoint_id: EndpointId, page: Paging, status: OfStatus = None) -> Response:
    """List what was sent to an address and what is on its way, newest first, with what came of every attempt."""
    with state.work(who) as session:
        webhooks = WebhookRepository(session)
        webhooks.get(endpoint_id)
        found = webhooks.deliveries(endpoint_id, status, encode_cursor(*page.after) if page.after else None, page.limit)
        return Answer(DeliveryPage(items=[_delivery(one) for one in found.items], next=found.next).model_dump_json().encode()).response()


@router.post("/v1/webhook-deliveries/{delivery_id}/replay", status_code=202, response_model=DeliveryView, responses=problems(404, 409))
def webhook_deliveries_replay(state: State, who: Sender, once: Repetition, delivery_id: DeliveryId) -> Response:
    """Send one again under the same id, at once and for a day."""

    def effect(session: UnitOfWork) -> Answer:
        row = WebhookRepository(session).replay(delivery_id)
        AuditRepository(session).append(who.user_id, "webhook.replayed", delivery_id, {"endpoint": row.endpoint_id})
        return _sent(row)

    return once.run(state, who, effect)


def _sent(row: WebhookDeliveryRecord) -> Answer:
    return Answer(_delivery(row).model_dump_json().encode(), 202, f"/v1/webhook-endpoints/{row.endpoint_id}/deliveries")


def _check(state: ServiceState, url: str) -> None:
    try:
        check_receiver(url, private_origins(state.settings))
    except AddressForbidden as error:
        raise Invalid(f"url: {error.message}; give a public https:// address, or name the origin in YTEMPIRE_WEBHOOK_PRIVATE") from error


def _view(row: WebhookEndpointRecord) -> EndpointView:
    same = {name: getattr(row, name) for name in ("id", "url", "note", "paused", "failures", "rests_until", "created_by", "created_at")}
    return EndpointView(**same, kinds=list(row.kinds), two_secrets_until=row.old_secret_until)


def _body(row: WebhookEndpointRecord) -> bytes:
    return _view(row).model_dump_json().encode()


def _delivery(row: WebhookDeliveryRecord) -> DeliveryView:
    same = {name: getattr(row, name) for name in ("id", "kind", "status", "attempts", "next_at", "give_up_at", "created_at", "ended_at", "body")}
    return DeliveryView(**same, endpoint=row.endpoint_id, tries=[Try.model_validate(one) for one in row.tries])
