"""Statements about repeated requests: one effect for one key, and the first answer for every repetition."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict
from memory.records.idempotency import IdempotencyRecord, WebhookNonceRecord

_CLAIMED_FOR = timedelta(minutes=2)


class KeyReused(Conflict):
    """An `Idempotency-Key` came again with another request."""

    code = "idempotency_key_reused"


class StillRunning(Conflict):
    """The first request of this `Idempotency-Key` is not done yet; the same request may be sent again."""

    code = "idempotency_in_flight"
    retryable = True


@dataclass(frozen=True)
class Repeatable:
    """A request that may come again: whose it is, where it goes, its key and the digest of what it asks."""

    tenant_id: str
    principal: str
    route: str
    key: str
    digest: str


@dataclass(frozen=True)
class KeptAnswer:
    """What the first request was answered."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


class IdempotencyRepository:
    """Answers kept by key, inside the unit of work of the effect."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, request: Repeatable) -> KeptAnswer | None:
        """Return the answer that this request was given before; None for the first, which no other is let beside until this transaction ends.

        Raises KeyReused when the key came with another request, StillRunning while the first is under way.
        """
        name = f"{request.principal} {request.route} {request.key}"
        if not self._session.scalar(text("select pg_try_advisory_xact_lock(hashtextextended(:name, 7))"), {"name": name}):
            raise _running(request)
        row = self._session.scalar(select(IdempotencyRecord).where(*self._where(request)).execution_options(populate_existing=True))
        if row is None:
            return None
        if row.request_digest != request.digest:
            raise KeyReused(f"idempotency-key: {request.key!r} came with another request before; take a new key for a new request", key=request.key)
        if row.status is None:
            if self._session.scalars(select(func.clock_timestamp() < row.claimed_until)).one():
                raise _running(request)
            return None
        return KeptAnswer(row.status, row.body or "", dict(row.headers))

    def claim(self, request: Repeatable) -> None:
        """Say that the request is under way, for one whose effect is not a transaction; commit before working."""
        until = func.clock_timestamp() + _CLAIMED_FOR
        fresh = insert(IdempotencyRecord).values(**self._named(request), claimed_until=until)
        self._session.execute(fresh.on_conflict_do_update(index_elements=["principal", "route", "key"], set_={"claimed_until": until}))

    def keep(self, request: Repeatable, answer: KeptAnswer) -> None:
        """Keep the answer, in the transaction of the effect."""
        given = {"status": answer.status, "body": answer.body, "headers": answer.headers, "claimed_until": None}
        fresh = insert(IdempotencyRecord).values(**self._named(request), **given)
        self._session.execute(fresh.on_conflict_do_update(index_elements=["principal", "route", "key"], set_=given))

    def give_up(self, request: Repeatable) -> None:
        """Forget a request that had no effect, so that its key may be used again."""
        self._session.execute(delete(IdempotencyRecord).where(*self._where(request), IdempotencyRecord.status.is_(None)))

    @staticmethod
    def _where(request: Repeatable) -> tuple[ColumnElement[bool], ...]:
        row = IdempotencyRecord
        return row.principal == request.principal, row.route == request.route, row.key == request.key

    @staticmethod
    def _named(request: Repeatable) -> dict[str, str]:
        about = {name: getattr(request, name) for name in ("tenant_id", "principal", "route", "key")}
        return {**about, "request_digest": request.digest}


class WebhookNonceRepository:
    """Signed requests that were taken, each once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_taken(self, door: str, nonce: str) -> bool:
        """Whether a request was taken before."""
        return self._session.get(WebhookNonceRecord, (door, nonce)) is not None

    def take(self, door: str, nonce: str) -> None:
        """Remember a request."""
        self._session.execute(insert(WebhookNonceRecord).values(door=door, nonce=nonce).on_conflict_do_nothing())

    def claim(self, door: str, nonce: str) -> bool:
        """Remember a request; False when it was taken before, also by somebody at the same moment."""
        fresh = insert(WebhookNonceRecord).values(door=door, nonce=nonce).on_conflict_do_nothing().returning(WebhookNonceRecord.nonce)
        return self._session.execute(fresh).one_or_none() is not None


def _running(request: Repeatable) -> StillRunning:
    return StillRunning(f"idempotency-key: the first request of {request.key!r} is not done yet; send the same again in a moment", key=request.key)
