"""Tracking trends: which topic each story of a collection continues, and what the collection measured of it."""

from pydantic import TypeAdapter

from infra.database import Database
from infra.ids import canonical_json
from memory.attention import SeenStory
from memory.trend_history import TrendHistory
from tools.base import ToolContext, ToolError
from tools.track_trends.attention import SERIES_NAMES, measured_of
from tools.track_trends.schema import TrackTrendsArgs, TrackTrendsResult

LEAST_ANSWERED = 0.5

_STORIES = TypeAdapter(tuple[SeenStory, ...])


def run(args: TrackTrendsArgs, ctx: ToolContext) -> TrackTrendsResult:
    """Join every story to a topic of the channel's tenant and record its attention at the collection's time, in one transaction.

    Doing it again for the same collection records nothing twice. Raises ToolError outside a worker, which alone has the database.
    """
    if ctx.settings.database_url is None:
        raise ToolError("track_trends: needs DATABASE_URL; run it as a job of a worker")
    stories = _STORIES.validate_json(ctx.store.read(args.stories))
    enough = args.answered >= LEAST_ANSWERED * args.sources
    measured = [measured_of(story, args.asked, args.collected_at) if enough else () for story in stories]
    ctx.ensure_live()
    database = Database(ctx.settings.database_url, pool_size=1)
    try:
        with database.unit_of_work() as session:
            tracked = TrendHistory(session, ctx.channel_id, ctx.provenance_of_sources).track(stories, measured, args.collected_at, SERIES_NAMES)
    finally:
        database.dispose()
    bodies = {topic_id: [one.model_dump(mode="json") for one in series] for topic_id, series in tracked.history.items()}
    return TrackTrendsResult(
        topics=tuple(one.topic_id for one in tracked.joined),
        joined=tuple(one.how for one in tracked.joined),
        observations=tracked.observations,
        history=ctx.store.put_bytes(canonical_json(bodies)),
        unmeasured="" if enough else f"only {args.answered} of {args.sources} sources answered: too few to compare with other collections",
    )
