"""The door of everything that is signed: only by a secret of the operator, only now, only once."""

from typing import Annotated

from fastapi import Depends, Header, Request

from api.http.state import ServiceState, State
from infra.errors import Conflict, Forbidden
from infra.signing import SIGNATURE, TIMESTAMP, secrets_in, verify
from memory.repositories.idempotency import WebhookNonceRepository


class WebhooksOff(Forbidden):
    """No secret is set, so nothing that is sent can be believed."""

    code = "webhooks_off"


class AlreadyTaken(Conflict):
    """This very request came before; it was not taken a second time."""

    code = "webhook_replayed"


async def _verified(
    request: Request,
    state: State,
    signature: Annotated[str | None, Header(alias=SIGNATURE, description="`v1=` and the hex HMAC-SHA256 of `TIMESTAMP.BODY`.")] = None,
    timestamp: Annotated[str | None, Header(alias=TIMESTAMP, description="Seconds since 1970, at most 300 from now.")] = None,
) -> str:
    """Return the signature, which names the request. As a dependency it comes before anybody looks at what the body says."""
    secret = state.settings.webhook_secrets
    if secret is None:
        raise WebhooksOff("webhooks: none is taken; set YTEMPIRE_WEBHOOK_SECRETS to a secret of 32 characters or more, and sign with it")
    body = await request.body()
    return verify(secrets_in(secret.get_secret_value()), (signature, timestamp), body, state.clock.now().timestamp())


Verified = Annotated[str, Depends(_verified)]


def take_once(state: ServiceState, door: str, nonce: str) -> None:
    """Remember a request; raises AlreadyTaken for one that was taken before. Of two at the same moment, one is taken."""
    with state.studio.unit_of_work() as session:
        if not WebhookNonceRepository(session).claim(door, nonce):
            raise replayed()


def replayed() -> AlreadyTaken:
    """Return what a request is told that was taken before."""
    return AlreadyTaken(f"{SIGNATURE}: this request was taken before; sign a new one")
