"""`Idempotency-Key`: a request that is sent again has no second effect and is given the first answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from api.http.access import template_of
from api.http.principal import Principal
from api.http.state import ServiceState
from infra.database import UnitOfWork
from infra.ids import content_digest
from memory.repositories.idempotency import IdempotencyRepository, KeptAnswer, Repeatable

_LETTERS = r"^[\x21-\x7e]{1,200}$"
REPLAYED = "idempotent-replayed"


@dataclass(frozen=True)
class Answer:
    """What an effect is answered with: JSON, and `Location` where something was made."""

    body: bytes
    status: int = 200
    location: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return it as a response."""
        return _response(self.kept())

    def kept(self) -> KeptAnswer:
        """Return it as it is kept."""
        where = {"location": self.location} if self.location else {}
        return KeptAnswer(self.status, self.body.decode(), {**self.headers, **where})


@dataclass(frozen=True)
class Once:
    """A request as its sender may repeat it; without a key every request is a new one."""

    key: str | None
    route: str
    digest: str

    def run(self, state: ServiceState, who: Principal, effect: Callable[[UnitOfWork], Answer]) -> Response:
        """Do an effect that is one transaction, and keep its answer in that; for plain functions. Raises KeyReused, StillRunning."""
        with state.work(who) as session:
            if self.key is None:
                return effect(session).response()
            request, kept = self._request(who), IdempotencyRepository(session)
            if (before := kept.begin(request)) is not None:
                return _response(before, replayed=True)
            answer = effect(session)
            kept.keep(request, answer.kept())
            return answer.response()

    async def run_beyond(self, state: ServiceState, who: Principal, effect: Callable[[], Awaitable[Answer]]) -> Response:
        """Do an effect that reaches beyond one transaction: claimed before, kept after, given up when it fails.

        A claim ends by itself two minutes after its maker died, so the effect must bear to be begun again, as everything done through jobs does.
        """
        if self.key is None:
            return (await effect()).response()
        request = self._request(who)
        if (before := await asyncio.to_thread(self._claim, state, who, request)) is not None:
            return _response(before, replayed=True)
        done: Answer | None = None
        try:
            done = await effect()
        finally:
            await asyncio.to_thread(self._settle, state, who, request, done)
        return done.response()

    def _request(self, who: Principal) -> Repeatable:
        return Repeatable(who.tenant_id, who.user_id, self.route, self.key or "", self.digest)

    @staticmethod
    def _claim(state: ServiceState, who: Principal, request: Repeatable) -> KeptAnswer | None:
        with state.work(who) as session:
            kept = IdempotencyRepository(session)
            before = kept.begin(request)
            if before is None:
                kept.claim(request)
            return before

    @staticmethod
    def _settle(state: ServiceState, who: Principal, request: Repeatable, done: Answer | None) -> None:
        with state.work(who) as session:
            kept = IdempotencyRepository(session)
            if done is None:
                kept.give_up(request)
            else:
                kept.keep(request, done.kept())


async def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(pattern=_LETTERS, description="Any text that is new for a new request: sent again, it has no second effect.")
    ] = None,
) -> Once:
    asked = b"\n".join((request.url.path.encode(), request.url.query.encode(), await request.body()))
    return Once(idempotency_key, f"{request.method} {template_of(request.scope)}", content_digest(asked))


Repetition = Annotated[Once, Depends(_once)]


def _response(kept: KeptAnswer, *, replayed: bool = False) -> Response:
    headers = {**kept.headers, **({REPLAYED: "true"} if replayed else {})}
    return Response(kept.body, kept.status, headers, media_type="application/json")
