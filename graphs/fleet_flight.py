"""What the nodes of a wake-up are given, and how they read the run they fly."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from graphs.autonomous_request import AutonomousRequest
from graphs.inbox import Inbox
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database, Session
from infra.settings import Settings
from memory.production_figures import ProductionFigures
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository, Wake
from memory.repositories.run_events import RunEventRepository

T = TypeVar("T")
MICROUSD = 1_000_000
# What a production is taken to need until one was measured: the first makes models and compiled loops ready, and a minute of film takes its time.
# Once measured, so much more than slow ones took is planned for.
_FIRST = timedelta(minutes=3)
_USUAL_PER_MINUTE = timedelta(minutes=4)
_MARGIN = 1.5
_LEAST = timedelta(minutes=1)


@dataclass(frozen=True)
class Flight:
    """One wake-up as its nodes see it; LangGraph hands it to each."""

    wake: Wake
    settings: Settings
    database: Database
    inbox: Inbox
    clock: Clock = SYSTEM_CLOCK

    async def within(self, work: Callable[[Session, AutonomousRunRecord], T]) -> T:
        """Do work in one transaction that holds the wake-up's fence; raises WakeLost when another conductor has taken over."""

        def in_thread() -> T:
            with self.database.unit_of_work() as session:
                return work(session, AutonomousRunRepository(session).verify(self.wake))

        return await asyncio.to_thread(in_thread)

    def note(self, session: Session, kind: str, **payload: Any) -> None:
        """Add to the run's log, which `ytempire runs report` and live views read."""
        RunEventRepository(session).append(self.wake.run_id, kind, payload)


def request_of(run: AutonomousRunRecord) -> AutonomousRequest:
    """Return what the operator wants of the run by now."""
    return AutonomousRequest.model_validate(run.request)


def takes(request: AutonomousRequest, figures: ProductionFigures) -> timedelta:
    """Return how long one production is planned to take: what slow ones took here, with a margin, else a guess by its length."""
    guess = _FIRST + _USUAL_PER_MINUTE * (request.seconds / 60)
    measured = figures.slow * _MARGIN if figures.slow is not None else guess
    return max(_LEAST, measured)


def worst_microusd(settings: Settings, figures: ProductionFigures, request: AutonomousRequest) -> int:
    """Return what one video may cost: what dear ones cost here, else the limit of one video wherever a key could spend anything."""
    if request.offline or not spends(settings):
        return 0
    limit = round(min(settings.limit_video_usd, settings.limit_run_usd) * MICROUSD)
    measured = figures.microusd
    return min(limit, round(measured * _MARGIN)) if measured else limit


def spends(settings: Settings) -> bool:
    """Whether any provider that costs money is configured and may be reached."""
    keys = (settings.openai_api_key, settings.anthropic_api_key, settings.elevenlabs_api_key, settings.google_tts_api_key)
    reachable = settings.network != "off" or any((settings.openai_base_url, settings.anthropic_base_url, settings.elevenlabs_base_url))
    return any(key is not None for key in keys) and reachable


def moment(text: str | None) -> datetime | None:
    """Return a time that was noted down, if one was."""
    return datetime.fromisoformat(text) if text else None
