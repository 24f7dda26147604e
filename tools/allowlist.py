"""Which agent may ask for which tool: authority lies in code, never in what a model says."""

from collections.abc import Mapping

from infra.errors import Forbidden
from tools.registry import TOOLS

AllowList = Mapping[str, frozenset[str]]

ALLOWED: AllowList = {
    "trend_scout": frozenset(
        {
            *("collect_trends", "track_trends", "measure_attention", "forecast_trends"),
            *("find_evidence", "read_source", "embed_text", "write_text", "screen_content"),
        }
    ),
    "scriptwriter": frozenset({"find_evidence", "read_source", "embed_text", "write_text", "screen_content"}),
    "voice_director": frozenset({"synthesize_speech", "embed_text", "write_text"}),
    "thumbnail_designer": frozenset(
        {"find_picture", "generate_picture", "paint_picture", "read_media", "read_source", "make_visual", "compose_thumbnail", "embed_text", "write_text"}
    ),
    "publisher": frozenset(
        {"publish_to_library", "upload_video", "change_visibility", "reschedule_video", "inspect_media", "screen_content", "embed_text", "write_text"}
    ),
    "crisis_monitor": frozenset({"change_visibility", "read_audience", "read_source", "screen_content", "inspect_media", "embed_text", "write_text"}),
    # Single calls that a person or a program asks for: what reads, measures and makes, as each tool says of itself, and nothing that is seen outside.
    "operator": frozenset(spec.name for spec in TOOLS if not spec.why_not_alone),
    # A person's own look at what is configured.
    "doctor": frozenset({"probe_language", "probe_voice", "probe_pictures", "probe_channel"}),
    # What a person does with accounts of platforms: connect one, ask whether it holds, revoke it.
    "accounts": frozenset({"connect_account", "disconnect_account", "probe_channel"}),
    # The hand that tells the operator: it sends what was queued, and nothing else.
    "messenger": frozenset({"send_message"}),
    # Comparing records with the outside world after a restore.
    "restore": frozenset({"find_uploads"}),
    # The graph's own hand: stages that decide nothing about content.
    "production": frozenset({"render_video", "take_film", "inspect_media", "screen_content", "embed_text"}),
}


class ToolDenied(Forbidden):
    """The agent is not on the tool's allow-list."""

    code = "tool_denied"


def ensure_allowed(agent: str, tool: str, allowed: AllowList = ALLOWED) -> None:
    """Return when `agent` may call `tool`; raises ToolDenied."""
    if tool not in allowed.get(agent, frozenset()):
        raise ToolDenied(f"agent {agent!r} may not call {tool!r}", agent=agent, tool=tool)
