"""The door for signed notices: only what is signed, now, once."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from api.app import create_app
from api.server import open_service
from infra.clock import SYSTEM_CLOCK
from infra.errors import Invalid
from infra.settings import Settings
from infra.signing import SIGNATURE, TIMESTAMP, WINDOW_S, secrets_in, sign
from memory.repositories.notices import NoticeRepository
from tests.fixtures.service import Asking, Service

_NEW, _OLD = "n" * 32, "o" * 32
_STRIKE = b"Your channel received a copyright strike for https://youtu.be/abcdefghijk"


@pytest.fixture
async def door(service_settings: Settings) -> AsyncIterator[Service]:
    """The service with two secrets, one of them on its way out; nobody is signed in."""
    settings = service_settings.model_copy(update={"webhook_secrets": SecretStr(f"{_NEW},{_OLD}")})
    asking = Asking()
    async with open_service(settings) as state:
        app = create_app(state, asking.authenticate)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
            yield Service(app, state, client, asking)


def signed(body: bytes, secret: str = _NEW, late_s: int = 0) -> dict[str, str]:
    at = int(SYSTEM_CLOCK.now().timestamp()) - late_s
    return {SIGNATURE: sign(secret, at, body), TIMESTAMP: str(at), "content-type": "text/plain"}


def filed(door: Service) -> int:
    with door.state.studio.unit_of_work() as session:
        return len(NoticeRepository(session).list_().items)


async def test_a_signed_notice_is_filed_once_by_either_secret(door: Service) -> None:
    first = await door.client.post("/webhooks/notices", content=_STRIKE, headers=signed(_STRIKE))
    assert (first.status_code, first.json()["kind"], first.json()["new"]) == (201, "strike", True)
    again = await door.client.post("/webhooks/notices", content=_STRIKE, headers=signed(_STRIKE, _OLD))
    assert (again.status_code, again.json()["new"], again.json()["id"]) == (200, False, first.json()["id"])
    assert filed(door) == 1


async def test_a_request_is_taken_once(door: Service) -> None:
    headers = signed(_STRIKE)
    assert (await door.client.post("/webhooks/notices", content=_STRIKE, headers=headers)).status_code == 201
    replayed = await door.client.post("/webhooks/notices", content=_STRIKE, headers=headers)
    assert (replayed.status_code, replayed.json()["code"]) == (409, "webhook_replayed")


@pytest.mark.parametrize("late_s", [WINDOW_S + 5, -WINDOW_S - 5])
async def test_late_and_early_ones_are_refused(door: Service, late_s: int) -> None:
    answer = await door.client.post("/webhooks/notices", content=_STRIKE, headers=signed(_STRIKE, late_s=late_s))
    assert (answer.status_code, answer.json()["code"]) == (403, "signature_wrong")
    assert filed(door) == 0


@pytest.mark.parametrize(
    "change",
    [{SIGNATURE: "v1=00"}, {SIGNATURE: ""}, {TIMESTAMP: "1"}, {TIMESTAMP: "now"}, {TIMESTAMP: "٣"}, {TIMESTAMP: "9" * 400}, {SIGNATURE: "é"}],
)
async def test_a_wrong_signature_is_refused(door: Service, change: dict[str, str]) -> None:
    headers = [(name.encode(), value.encode()) for name, value in {**signed(_STRIKE), **change}.items()]
    answer = await door.client.post("/webhooks/notices", content=_STRIKE, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "signature_wrong")


async def test_a_changed_byte_and_another_secret_are_refused(door: Service) -> None:
    for headers, body in ((signed(_STRIKE), _STRIKE + b"!"), (signed(_STRIKE, "x" * 32), _STRIKE)):
        assert (await door.client.post("/webhooks/notices", content=body, headers=headers)).status_code == 403
    assert filed(door) == 0


async def test_without_a_secret_nothing_is_taken(service: Service) -> None:
    answer = await service.client.post("/webhooks/notices", content=_STRIKE, headers=signed(_STRIKE))
    assert (answer.status_code, answer.json()["code"]) == (403, "webhooks_off")


def test_a_secret_that_could_be_guessed_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="YTEMPIRE_WEBHOOK_SECRETS"):
        secrets_in("short")
