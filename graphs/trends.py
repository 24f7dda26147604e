"""The memory of trends: what the scout concluded on each topic is kept once its snapshot is frozen."""

import asyncio

from agents.trend_scout.schemas import TopicFigures
from graphs.context import Studio
from memory.artifacts import Provenance
from memory.repositories.runs import RunRepository
from memory.trend_history import TrendHistory
from tools.base import provenance_of_sources


async def conclude(studio: Studio, provenance: Provenance, topics: tuple[TopicFigures, ...]) -> None:
    """Keep the newest figures and outlook of every topic that was scored; a re-run keeps the same."""

    def write() -> None:
        with studio.database.unit_of_work() as session:
            studio.ensure_held(RunRepository(session))
            history = TrendHistory(session, studio.channel_id, provenance_of_sources(studio.settings, provenance))
            for one in topics:
                history.conclude(one.topic_id, one.scores, one.outlook)

    if topics:
        await asyncio.to_thread(write)
