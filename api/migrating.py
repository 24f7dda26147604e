"""Migrating in a process that ends with it: what migrates weighs tens of megabytes, which whoever stays up would hold for as long."""

import json
import os
import signal

from infra.errors import StudioError, Unavailable
from infra.processes import bound_to_parent
from memory.schema_revision import SchemaBusy
from tools.registry import load_constant

_LONGEST_TOLD = 8_000


def migrate_apart(url: str) -> None:
    """Bring the database at `url` to the newest revision, LangGraph's tables included; raises what `migrate` raises, as SchemaBusy or Unavailable.

    Forked, since what a stack has loaded by then serves the child as well; to be called before there are threads.
    """
    bind = bound_to_parent(signal.SIGKILL)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        bind()
        _migrate(url, tell)
    os.close(tell)
    with os.fdopen(told, "rb") as said:
        words = said.read(_LONGEST_TOLD)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == 0:
        return
    refused = json.loads(words) if words else {"code": "", "message": "the schema could not be brought to the newest revision; the log says why"}
    raise (SchemaBusy if refused["code"] == SchemaBusy.code else Unavailable)(refused["message"])


def _migrate(url: str, tell: int) -> None:
    """Migrate and end this process, whatever happens: nothing of the parent's may run here."""
    code = 1
    try:
        load_constant("memory.migrations:migrate")(url)
        # The conductor has not the owner's role: who only starts a stack and asks for a run over HTTP has nobody else to make them.
        load_constant("graphs.checkpoint:setup_checkpoints")(url)
        code = 0
    except StudioError as error:
        os.write(tell, json.dumps({"code": error.code, "message": error.message}).encode()[:_LONGEST_TOLD])
    finally:
        os._exit(code)
