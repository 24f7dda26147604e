"""How long a tool takes in the simulated studio, drawn by seed around what was measured."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from evals.simulation.world_state import Weather
from infra.ids import seeded
from tools.base import Args, ToolContext


@dataclass(frozen=True)
class Spread:
    """A log-normal duration: its median in seconds and the standard deviation of its logarithm. On `disk` it suffers from a slow one."""

    median_s: float
    sigma: float
    disk: bool = False


# Medians of the local tools: the jobs of one rehearsed production of 45 s on two cores, 2026-11-28 (`ytempire produce --rehearse`, started_at to
# finished_at of each job). Where the rehearsal's outside was this machine, the median is what the service itself takes: a language model writes 1,500
# tokens at 60 a second; an upload of 40 MB at 10 Mbit/s takes half a minute and the platform half a minute to process it; a request to an open service
# takes half a second. The spread of local tools is that of repeated renders (`bench render`, sigma of the logarithm 0.1 to 0.3), of remote ones wider.
SPREADS: Mapping[str, Spread] = {
    "render_video": Spread(17.0, 0.25, disk=True),
    "inspect_media": Spread(6.4, 0.2, disk=True),
    "forecast_trends": Spread(3.1, 0.3),
    "synthesize_speech": Spread(4.4, 0.3, disk=True),
    "compose_thumbnail": Spread(2.7, 0.2),
    "write_text": Spread(25.0, 0.4),
    "generate_picture": Spread(20.0, 0.4),
    "paint_picture": Spread(8.0, 0.2),
    "find_picture": Spread(4.0, 0.5),
    "collect_trends": Spread(15.0, 0.4),
    "upload_video": Spread(60.0, 0.5, disk=True),
    "publish_to_library": Spread(0.6, 0.3, disk=True),
    "make_visual": Spread(0.6, 0.3),
    "measure_attention": Spread(5.0, 0.5),
    "find_evidence": Spread(3.0, 0.5),
    "embed_text": Spread(0.2, 0.5),
    "read_audience": Spread(2.0, 0.5),
    "change_visibility": Spread(1.5, 0.5),
    "reschedule_video": Spread(1.5, 0.5),
    "find_uploads": Spread(2.0, 0.5),
    "track_trends": Spread(0.15, 0.3),
    "screen_content": Spread(0.04, 0.3),
    "send_message": Spread(1.0, 0.5),
    "read_source": Spread(1.0, 0.5),
    "read_media": Spread(1.0, 0.5, disk=True),
    "take_film": Spread(20.0, 0.5, disk=True),
}
_OTHER = Spread(1.0, 0.5)
# A render's time goes with the length of its film; the rehearsed one was 45 s long.
_REHEARSED_SECONDS = 45.0


def duration_s(tool: str, args: Args, context: ToolContext, weather: Weather) -> float:
    """Draw the seconds of one attempt; the same job and attempt draw the same."""
    spread = SPREADS.get(tool, _OTHER)
    drawn = spread.median_s * math.exp(seeded(weather.seed, "duration", context.job_id, context.attempt).gauss(0, spread.sigma))
    if tool in {"render_video", "inspect_media"}:
        drawn *= max(0.2, weather.film_seconds(args) / _REHEARSED_SECONDS)
    return round(drawn * (weather.slowness if spread.disk else 1.0), 3)
