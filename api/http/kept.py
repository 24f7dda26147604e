"""Reads that the console repeats: kept for all who ask the same, and not sent again to whoever has them."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from api.http.principal import Principal
from api.http.state import ServiceState
from api.http.versions import answer
from infra.cache_near import API_RESPONSES, Asked, Policy


async def kept(request: Request, state: ServiceState, asked: Asked | None, load: Callable[[], Awaitable[bytes]]) -> Response:
    """Answer with what is kept of a question, or with what `load` reads; None is a question that is not worth keeping."""
    body = await (load() if asked is None else state.cache.read(asked, load))
    if asked is not None:
        request.scope["ytempire.asked"] = asked  # for the shelf
    return answer(request, body)


def asked_by(who: Principal, question: str, *tables: str, policy: Policy = API_RESPONSES) -> Asked:
    """Return a question of somebody's tenant: in words that the server chose or checked, never the client's own, and the tables it is answered from.

    A table must announce its changes (`announce_change` in the migrations).
    """
    return Asked(policy, who.tenant_id, question, tables)
