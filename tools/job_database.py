"""The studio's database as a job's tool reaches it."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.database import Database
from tools.base import ToolContext, ToolError


@contextmanager
def job_database(ctx: ToolContext, tool: str) -> Iterator[Database]:
    """Yield the database that the job of `tool` works on; raises ToolError outside a worker."""
    if ctx.settings.database_url is None:
        raise ToolError(f"{tool}: needs DATABASE_URL; run it as a job of a worker")
    database = Database(ctx.settings.database_url, pool_size=2)
    try:
        yield database
    finally:
        database.dispose()
