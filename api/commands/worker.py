"""`ytempire worker`: one more worker, on this machine or another, that joins by URLs."""

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from api.stack import Stack
from infra.embedded.postgres import require_postgres
from infra.embedded.redis import require_redis
from infra.errors import Unavailable
from infra.processes import environment
from infra.settings import Settings, load_settings


class QueueName(StrEnum):
    """The queues a worker can serve."""

    GPU = "gpu"
    CPU = "cpu"
    IO = "io"
    PUBLISH = "publish"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="worker")(worker)


def worker(queue: Annotated[QueueName, typer.Option("--queue", help="The one queue to serve.")]) -> None:
    """Serve one queue of the stack at DATABASE_URL and REDIS_URL, or of the one that runs in this home, until stopped."""
    settings = load_settings()
    database, redis = urls(settings)
    changes = {**settings.environment(), "DATABASE_URL": database, "REDIS_URL": redis}
    # The worker takes this process's place, so that signals from a service manager reach it directly.
    os.execve(sys.executable, [sys.executable, "-m", "tools.worker", "--standalone", "--queue", queue.value], environment(**changes))  # noqa: S606 - our own module


def urls(settings: Settings) -> tuple[str, str]:
    """Return the database's and the queue's URL, each having answered; raises Unavailable when there is no stack to join."""
    if settings.database_url and settings.redis_url:
        require_postgres(settings.database_url)
        require_redis(settings.redis_url)
        return settings.database_url, settings.redis_url
    stack = Stack(settings)
    found = stack.join()
    if found is None:
        raise Unavailable(f"no stack runs in {stack.settings.home}; start one with `ytempire up`, or set DATABASE_URL and REDIS_URL")
    stack.stop()
    return found.database, found.redis
