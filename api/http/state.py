"""What the service holds for as long as it runs, and how endpoints get at it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry

from api.events.feed import Feed
from api.http.principal import Principal
from infra.cache import Cache
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database, UnitOfWork
from infra.reads import ReadPool
from infra.settings import Settings
from memory.analytics_reads import AnalyticsReads
from memory.media import MediaStore
from memory.media_shared import open_media
from tools.call import ToolCaller


@dataclass(frozen=True)
class ServiceState:
    """The parts: settings, databases, the caller of tools.

    `database` and `reads` serve whoever asks and see one tenant, `analytics` too, of a replica where there is one that is not behind; `studio` is for what
    the service does on its own behalf.
    """

    settings: Settings
    database: Database
    studio: Database
    reads: ReadPool
    caller: ToolCaller
    analytics: AnalyticsReads
    cache: Cache
    feed: Feed
    clock: Clock = SYSTEM_CLOCK
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    @cached_property
    def media(self) -> MediaStore:
        """The media store, opened once: one in a bucket keeps its connections."""
        return open_media(self.settings)

    def work(self, who: Principal) -> AbstractContextManager[UnitOfWork]:
        """Return a unit of work of whoever asks: `with state.work(who) as session`. For endpoints that are plain functions, which run in threads.

        Opened and closed inside the endpoint, so that a request never waits for a thread while it holds a connection.
        """
        return self.database.unit_of_work(tenant=who.tenant_id)


async def state_of(request: Request) -> ServiceState:
    """Return the parts of the application that serves this request. Asynchronous like every dependency here: FastAPI would send others to a thread."""
    state: ServiceState = request.app.state.service
    return state


State = Annotated[ServiceState, Depends(state_of)]
