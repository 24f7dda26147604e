"""Reading a published video's sources again."""

from agents.base import AgentContext
from agents.crisis_monitor.facts import compare
from agents.crisis_monitor.schemas import SourceLook, WatchInput
from infra.log import get_logger
from memory.artifacts import SourceDocument
from tools.base import ToolError, ToolRetry
from tools.call import JobFailed
from tools.read_source.schema import SPEC as READ_SOURCE
from tools.read_source.schema import ReadSourceArgs

MOST_SOURCES = 6
SOURCE_UNREAD = "source.unread"
_log = get_logger("crisis_monitor")


async def reread_sources(task: WatchInput, ctx: AgentContext) -> tuple[SourceLook, ...]:
    """Read again the web pages that the script cites, when asked to and when there is a network; a page that cannot be read says nothing."""
    if not task.reread or ctx.settings.network == "off":
        return ()
    cited = {passage.document_id for passage in task.cited}
    chosen = [one for one in task.documents if one.id in cited and one.url.startswith(("http://", "https://"))][:MOST_SOURCES]
    looks = [await _reread(document, task, ctx) for document in chosen]
    return tuple(look for look in looks if look is not None)


async def _reread(document: SourceDocument, task: WatchInput, ctx: AgentContext) -> SourceLook | None:
    try:
        read = await ctx.call(READ_SOURCE, ReadSourceArgs(url=document.url, rights=document.rights))
    except (JobFailed, ToolError, ToolRetry) as error:
        # A source that is down today says nothing about what it said.
        _log.info(SOURCE_UNREAD, url=document.url, error=error.message)
        return None
    if not read.documents:
        return None
    now = SourceDocument.model_validate_json(ctx.store.read(read.documents[0].digest))
    return compare(document, now, [passage for passage in task.cited if passage.document_id == document.id])
