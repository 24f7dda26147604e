"""Analytics are read of a replica where there is one, and say where they were read and how new that is."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

import orjson
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from api.http.kept import Question
from api.http.state import ServiceState
from infra.cache_near import CHANNEL_ANALYTICS
from infra.cache_near import Asked as KeptAs
from infra.database import UnitOfWork
from memory.analytics_reads import Freshness


class Fresh(BaseModel):
    """How new an answer is: ages count from `read_at`, and every change up to `as_of` is in it. A replica is named as such; it may be some seconds behind."""

    source: Literal["database", "replica"]
    read_at: datetime
    as_of: datetime


def question(state: ServiceState, words: str, tables: tuple[str, ...], told: Callable[[UnitOfWork, Freshness], dict[str, Any]]) -> Question:
    """Return a question that is answered by a replica where there is one; the answer tells where, and how new it is. Without `words` it is read each time."""

    def work(session: UnitOfWork, fresh: Freshness) -> bytes:
        return orjson.dumps({**told(session, fresh), "freshness": asdict(fresh)})

    async def load(tenant: str) -> bytes:
        since = state.cache.unchanged_since(KeptAs(CHANNEL_ANALYTICS, tenant, words, tables))
        return await run_in_threadpool(state.analytics.read, tenant, since, work)

    return Question(load, words, tables, CHANNEL_ANALYTICS)
