"""Which trouble may pass: the run then stays unfinished, to be resumed, and what failed for it is tried again."""

from psycopg import InterfaceError, OperationalError

from infra.database import DatabaseUnavailable
from infra.errors import StudioError, Unavailable
from infra.room import FULL
from memory.media import ArtifactCorrupt
from tools.call import JobFailed

# The database went away under the graph: through our own repositories, or through LangGraph's saver.
DATABASE_AWAY = (DatabaseUnavailable, OperationalError, InterfaceError)
# Codes of a job's last error that name a condition of the world and not of the input: errors of the family `Unavailable` and worn-out retries.
PASSING = frozenset(
    """
    unavailable tool_retry disk_full job_timed_out database_unavailable transport_down events_lost queue_unserved model_missing
    voice_process_lost voice_refused voice_broken segment_process_died source_unreachable not_connected network_down rate_limited
    wiki_busy body_unreadable call_turned_away parent_gone youtube_busy youtube_outcome_unknown attempts_spent
    """.split()  # noqa: SIM905 - a paragraph of words is easier to read than a list
)
# Codes that say nothing of what was asked for, though trying again by itself will not do: a person has to look.
UNTOLD = frozenset({"outcome_unknown"})
# Those of this machine: no agent may take them for an answer and go on with something plainer.
OURS = frozenset({"disk_full", "database_unavailable", "transport_down", "events_lost", "model_missing", "parent_gone"})


class MachineTrouble(Unavailable):
    """A job died of this machine's trouble and not of its input; `reason` is the code of the error."""

    code = "machine_trouble"

    def __init__(self, failed: JobFailed) -> None:
        super().__init__(failed.message, **failed.details)
        self.reason = failed.reason


def code_of(error: BaseException) -> str:
    """Return the code that names an error: the tool's own for a failed job, `bug` for what nobody foresaw."""
    return str(getattr(error, "reason", None) or getattr(error, "code", "bug")) if isinstance(error, StudioError) else "bug"


def message_of(error: BaseException) -> str:
    """Return what an error says to a person."""
    return error.message if isinstance(error, StudioError) else f"{type(error).__name__}: {error}"


def may_pass(error: BaseException) -> bool:
    """Whether trying again later, unchanged, can succeed."""
    if isinstance(error, ArtifactCorrupt):  # a worker's tool can make it again, a node that reads it cannot
        return False
    if isinstance(error, OSError):
        return error.errno in FULL
    return isinstance(error, Unavailable) or code_of(error) in PASSING
