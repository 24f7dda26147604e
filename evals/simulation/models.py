"""Every tool as the simulator runs it: the real one where it is cheap, a model of it where it is not, and how long it takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from evals.simulation import models_media, models_scout, models_text
from evals.simulation.models_durations import duration_s
from evals.simulation.outages import away
from evals.simulation.outside import WorkerKilled
from evals.simulation.world_state import Weather
from infra.errors import StudioError
from tools.base import Args, Result, ToolContext, ToolSpec
from tools.registry import load_constant

Model = Callable[[Any, ToolContext, Weather], Result]

MODELS: Mapping[str, Model] = {
    "collect_trends": models_scout.collect_trends,
    "find_evidence": models_scout.find_evidence,
    "measure_attention": models_scout.measure_attention,
    "read_source": models_scout.read_source,
    "forecast_trends": models_scout.forecast_trends,
    "embed_text": models_text.embed_text,
    "screen_content": models_text.screen_content,
    "write_text": models_text.write_text,
    "send_message": models_text.send_message,
    "synthesize_speech": models_media.synthesize_speech,
    "find_picture": models_media.find_picture,
    "paint_picture": models_media.paint_picture,
    "generate_picture": models_media.generate_picture,
    "make_visual": models_media.make_visual,
    "compose_thumbnail": models_media.compose_thumbnail,
    "render_video": models_media.render_video,
    "inspect_media": models_media.inspect_media,
}
# These run as they are: their outside is the stand-in platform, the studio's own database, or its folders.
REAL = frozenset(
    {
        *("find_uploads", "upload_video", "read_audience", "change_visibility", "reschedule_video", "publish_to_library"),
        *("track_trends", "read_media", "take_film"),
    }
)


# At most: refusals come at once, and whatever does not answer is given up.
_REFUSED_S = 10.0


@dataclass(frozen=True)
class Ran:
    """What became of one attempt of a job: its result or its error, or the death of its worker, and how long it took in seconds.

    `at_share` is the share of that time after which the result was there, or the worker died. `effects` are what the outside world recorded.
    """

    duration_s: float
    result: Result | None = None
    error: Exception | None = None
    killed: bool = False
    effects: tuple[str, ...] = ()
    at_share: float = 1.0


def run(spec: ToolSpec[Any, Any], args: Args, context: ToolContext, weather: Weather) -> Ran:
    """Run one attempt of a job at once; the caller lets the time pass that it says."""
    seen = len(weather.effects)
    lasts = partial(duration_s, spec.name, args, context, weather)
    poison = weather.poison_of(spec.name, context.job_id)
    if poison == "kills":
        return Ran(lasts(), killed=True, at_share=0.5)
    try:
        if poison == "breaks":
            raise ValueError("the poisoned job breaks its tool")
        weather.ensure_room(spec.name)
        result = _made(spec, args, context, weather)
    except WorkerKilled:
        return Ran(lasts(), killed=True, effects=tuple(weather.effects[seen:]), at_share=0.5)
    except (StudioError, ValueError) as error:
        # A refusal is there long before the work would be done; an answer that never comes is waited for.
        takes_s = min(lasts(), _REFUSED_S) if away(error) else lasts()
        return Ran(takes_s, error=error, effects=tuple(weather.effects[seen:]))
    return Ran(lasts(), result=result, effects=tuple(weather.effects[seen:]))


def _made(spec: ToolSpec[Any, Any], args: Args, context: ToolContext, weather: Weather) -> Result:
    model = MODELS.get(spec.name)
    made = load_constant(spec.implementation)(args, context) if model is None else model(args, context, weather)
    values = made.model_dump(mode="json")
    found: Result = spec.result.model_validate(values)
    return found
