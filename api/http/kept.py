"""Reads that depend on nothing but who asks and what: told once in an endpoint, answered from then on without going through it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request, Response

from api.http.principal import Principal
from api.http.state import ServiceState
from api.http.versions import answer
from infra.cache_near import API_RESPONSES, Asked, Policy


@dataclass(frozen=True)
class Question:
    """What is asked, whoever's tenant asks it: `load` reads the answer of a tenant, and depends on nothing else of the request than its path and query.

    With `words` of the server's own, or that it has checked, but never the client's, the answer is kept until a row of `tables` changes; these must
    announce their changes (`announce_change` in the migrations).
    """

    load: Callable[[str], Awaitable[bytes]]
    words: str = ""
    tables: tuple[str, ...] = ()
    policy: Policy = API_RESPONSES

    def asked_by(self, who: Principal) -> Asked | None:
        """Return how somebody's answer is kept; None when it is not."""
        return Asked(self.policy, who.tenant_id, self.words, self.tables) if self.words else None


async def tell(request: Request, state: ServiceState, who: Principal, question: Question) -> Response:
    """Answer with what is kept of a question, or with what is read; the same request is then answered by the shelf."""
    request.scope["ytempire.question"] = question
    return answer(request, await body_of(state, who, question))


async def body_of(state: ServiceState, who: Principal, question: Question) -> bytes:
    """Return the answer to a question of somebody's, kept or read."""
    asked = question.asked_by(who)
    if asked is None:
        return await question.load(who.tenant_id)
    kept = state.cache.peek(asked)
    return kept if kept is not None else await state.cache.read(asked, lambda: question.load(who.tenant_id))
