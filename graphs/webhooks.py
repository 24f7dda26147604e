"""The courier: takes events to the addresses that asked for them, signed, each address by itself, until a day is over."""

import asyncio

import orjson

from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.ids import seeded
from infra.log import get_logger
from infra.settings import Settings
from infra.signing import SIGNATURE, TIMESTAMP, sign
from memory.repositories.incidents import IncidentRepository
from memory.repositories.webhooks import TRIPS_AFTER, Posting, WebhookRepository
from memory.vault import VaultLocked
from memory.webhook_secrets import WebhookSecrets
from tools.webhook_post import TOTAL_S, Posted, WebhookPoster

ID, KIND = "x-ytempire-id", "x-ytempire-event"
LEASE_S = 60.0
# Somewhere in 10 s, 20 s, 40 s, ... at most an hour: jitter keeps addresses that failed together apart.
FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 3600.0
REST_S = 60.0
WEBHOOK_SENT, WEBHOOK_LATE, WEBHOOK_FAILED = "webhook.sent", "webhook.postponed", "webhook.given_up"
_log = get_logger("webhooks")


class Courier:
    """One turn sends what is due; it holds nothing that the rows do not."""

    def __init__(self, settings: Settings, database: Database, clock: Clock = SYSTEM_CLOCK, total_s: float = TOTAL_S) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._total_s = total_s
        self._secrets: WebhookSecrets | None = None

    async def turn(self, limit: int = 20) -> int:
        """Send what is due to each address and return how many were taken there."""
        due = await asyncio.to_thread(self._claim, limit)
        if not due:
            return 0
        async with WebhookPoster(self._settings, self._clock, self._total_s) as poster:
            return sum(await asyncio.gather(*(self._deliver(poster, one) for one in due)))

    def _claim(self, limit: int) -> tuple[Posting, ...]:
        with self._database.unit_of_work() as session:
            webhooks = WebhookRepository(session)
            if not webhooks.is_wanted():
                return ()
            for endpoint_id, url, count in webhooks.give_up():
                said = f"{url} took none of {count} event(s) within a day; mend the receiver, then replay its deliveries"
                IncidentRepository(session).open(
                    f"webhook:{endpoint_id}", "webhook_failed", "warning", said, signal="the receiver's own answers", confidence=1.0
                )
                _log.error(WEBHOOK_FAILED, endpoint=endpoint_id, count=count)
            return () if self._settings.network == "off" else webhooks.claim_due(LEASE_S, limit)

    async def _deliver(self, poster: WebhookPoster, one: Posting) -> int:
        try:
            told = await poster.post(one.url, *await asyncio.to_thread(self._signed, one))
        except VaultLocked as error:
            told = Posted(False, None, f"{error.code}: {error.message}", 0)
        await asyncio.to_thread(self._close, one, told)
        return told.taken

    def _signed(self, one: Posting) -> tuple[bytes, dict[str, str]]:
        """Return the body and its headers: signed anew at every attempt, since receivers refuse what is old; by both secrets while one is being replaced."""
        if self._secrets is None:
            self._secrets = WebhookSecrets(self._settings)
        body, at = orjson.dumps({"id": one.id, **one.body}), int(self._clock.now().timestamp())
        signatures = ",".join(sign(self._secrets.open(sealed, one.endpoint_id), at, body) for sealed in one.secrets)
        return body, {ID: one.id, KIND: one.kind, TIMESTAMP: str(at), SIGNATURE: signatures}

    def _close(self, one: Posting, told: Posted) -> None:
        tried = {"at": self._clock.now().isoformat(), "status": told.status, "said": told.said[:500], "ms": told.took_ms}
        with self._database.unit_of_work() as session:
            webhooks = WebhookRepository(session)
            if told.taken:
                webhooks.mark_sent(one, tried)
                _log.info(WEBHOOK_SENT, delivery=one.id, endpoint=one.endpoint_id)
            else:
                webhooks.postpone(one, tried, wait_s(one), rest_s(one.failures + 1))
                _log.warning(WEBHOOK_LATE, delivery=one.id, endpoint=one.endpoint_id, why=tried["said"])


def wait_s(one: Posting) -> float:
    """Return how long to wait after a failure: anywhere in the upper half of a span that doubles."""
    most = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(one.attempts, 12))
    return seeded("webhook", one.id, one.attempts).uniform(most / 2, most)


def rest_s(failures: int) -> float:
    """Return how long an address is left alone after so many failures in a row."""
    return 0.0 if failures < TRIPS_AFTER else min(LONGEST_WAIT_S, REST_S * 2 ** min(failures - TRIPS_AFTER, 10))
