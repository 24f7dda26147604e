"""Every tool there is. A worker runs what is listed here and nothing else."""

import importlib
from typing import Any

from infra.errors import Invalid, NotFound
from tools.base import ToolSpec
from tools.change_visibility.schema import SPEC as CHANGE_VISIBILITY
from tools.collect_trends.schema import SPEC as COLLECT_TRENDS
from tools.compose_thumbnail.schema import SPEC as COMPOSE_THUMBNAIL
from tools.connect_account.schema import SPEC as CONNECT_ACCOUNT
from tools.disconnect_account.schema import SPEC as DISCONNECT_ACCOUNT
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.find_evidence.schema import SPEC as FIND_EVIDENCE
from tools.find_picture.schema import SPEC as FIND_PICTURE
from tools.find_uploads.schema import SPEC as FIND_UPLOADS
from tools.forecast_trends.schema import SPEC as FORECAST_TRENDS
from tools.generate_picture.schema import SPEC as GENERATE_PICTURE
from tools.inspect_media.schema import SPEC as INSPECT_MEDIA
from tools.make_visual.schema import SPEC as MAKE_VISUAL
from tools.measure_attention.schema import SPEC as MEASURE_ATTENTION
from tools.paint_picture.schema import SPEC as PAINT_PICTURE
from tools.probe_provider import schema as probes
from tools.publish_to_library.schema import SPEC as PUBLISH_TO_LIBRARY
from tools.read_audience.schema import SPEC as READ_AUDIENCE
from tools.read_media.schema import SPEC as READ_MEDIA
from tools.read_source.schema import SPEC as READ_SOURCE
from tools.render_video.schema import SPEC as RENDER_VIDEO
from tools.reschedule_video.schema import SPEC as RESCHEDULE_VIDEO
from tools.screen_content.schema import SPEC as SCREEN_CONTENT
from tools.send_message.schema import SPEC as SEND_MESSAGE
from tools.synthesize_speech.schema import SPEC as SYNTHESIZE_SPEECH
from tools.take_film.schema import SPEC as TAKE_FILM
from tools.track_trends.schema import SPEC as TRACK_TRENDS
from tools.upload_video.schema import SPEC as UPLOAD_VIDEO
from tools.write_text.schema import SPEC as WRITE_TEXT

Tools = tuple[ToolSpec[Any, Any], ...]

TOOLS: Tools = (
    CHANGE_VISIBILITY,
    COLLECT_TRENDS,
    COMPOSE_THUMBNAIL,
    CONNECT_ACCOUNT,
    DISCONNECT_ACCOUNT,
    EMBED_TEXT,
    FIND_EVIDENCE,
    FIND_PICTURE,
    FIND_UPLOADS,
    FORECAST_TRENDS,
    GENERATE_PICTURE,
    INSPECT_MEDIA,
    MAKE_VISUAL,
    MEASURE_ATTENTION,
    PAINT_PICTURE,
    probes.LANGUAGE,
    probes.VOICE,
    probes.PICTURES,
    probes.CHANNEL,
    PUBLISH_TO_LIBRARY,
    READ_AUDIENCE,
    READ_MEDIA,
    READ_SOURCE,
    RENDER_VIDEO,
    RESCHEDULE_VIDEO,
    SCREEN_CONTENT,
    SEND_MESSAGE,
    SYNTHESIZE_SPEECH,
    TAKE_FILM,
    TRACK_TRENDS,
    UPLOAD_VIDEO,
    WRITE_TEXT,
)


class UnknownTool(NotFound):
    """No tool of that name is registered."""

    code = "unknown_tool"


class Registry:
    """Tools by name."""

    def __init__(self, tools: Tools = TOOLS) -> None:
        self._tools = {spec.name: spec for spec in tools}
        if len(self._tools) != len(tools):
            raise Invalid("two tools share a name", names=[spec.name for spec in tools])

    def get(self, name: str) -> ToolSpec[Any, Any]:
        """Return a tool's specification; raises UnknownTool."""
        if name not in self._tools:
            raise UnknownTool(f"there is no tool {name!r}", tool=name)
        return self._tools[name]


def load_constant(reference: str) -> Any:
    """Return the object that `package.module:NAME` names; for a command line that swaps the registry or the allow-list."""
    module, _, name = reference.partition(":")
    if not name:
        raise Invalid(f"{reference!r} is not of the form package.module:NAME")
    return getattr(importlib.import_module(module), name)
