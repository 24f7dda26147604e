"""`ytempire worker`: one more worker, on this machine or another, that joins by URLs."""

import os
import stat
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError

from api.commands.join import trusting
from api.stack import Stack
from infra.database import Database
from infra.embedded.certificate import unpack_certificate
from infra.embedded.postgres import require_postgres
from infra.embedded.redis import require_redis
from infra.errors import Forbidden, Invalid, NotFound, Unavailable
from infra.keyring import read_keys
from infra.processes import environment
from infra.settings import CHECKOUT, Settings, load_settings
from tools.queue_names import checked_queue
from tools.worker_joining import joined


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="worker")(worker)


def worker(
    queue: Annotated[str, typer.Option("--queue", help="The one queue to serve: gpu, cpu, io or publish, or a part of one such as gpu:a100.")],
    join: Annotated[Path | None, typer.Option("--join", help="The file that `ytempire join` wrote at the studio.")] = None,
) -> None:
    """Serve one queue of the stack at DATABASE_URL and REDIS_URL, or of the one that runs in this home, until stopped."""
    checked_queue(queue)
    settings = _trusting(load_settings() if join is None else bundled(join))
    database, redis = urls(settings, queue)
    settings = _with_keys(queue, settings.model_copy(update={"database_url": database, "redis_url": redis}))
    desk = Database(database, pool_size=1)
    try:
        joined(queue, settings, desk)  # asked here first, so that whoever types the command reads what does not fit
    finally:
        desk.dispose()
    changes = {**settings.environment(), "DATABASE_URL": database, "REDIS_URL": redis}
    # The worker takes this process's place, so that signals from a service manager reach it directly.
    os.execve(sys.executable, [sys.executable, "-m", "tools.worker", "--standalone", "--queue", queue], environment(**changes))  # noqa: S606 - our own module  # nosec B606


def bundled(file: Path) -> Settings:
    """Return the settings of this machine with those of a file that `ytempire join` wrote; raises NotFound, Forbidden or Invalid naming the file."""
    if not file.is_file():
        raise NotFound(f"--join {file}: there is no such file; copy the one that `ytempire join --out FILE` wrote at the studio")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise Forbidden(f"--join {file}: others can read it (mode {mode:03o}), and it holds passwords; run `chmod 600 {file}`")
    try:
        return Settings(_env_file=(CHECKOUT / ".env", file))
    except ValidationError as error:
        told = [f"{one['loc'][0]}: {one['msg']}" for one in error.errors(include_input=False)]
        raise Invalid(f"--join {file}: {'; '.join(told)}; take the file as `ytempire join` wrote it") from error


def _trusting(settings: Settings) -> Settings:
    """Return the settings with the studio's certificate where its URLs need one."""
    if not (settings.studio_cert and settings.database_url and settings.redis_url):
        return settings
    certificate = unpack_certificate(settings.studio_cert, settings.home.resolve() / "run" / "studio.pem")
    database = trusting(settings.database_url, "sslrootcert", certificate) if "sslmode=" in settings.database_url else settings.database_url
    redis = trusting(settings.redis_url, "ssl_ca_certs", certificate) if settings.redis_url.startswith("rediss:") else settings.redis_url
    return settings.model_copy(update={"database_url": database, "redis_url": redis})


def _with_keys(queue: str, settings: Settings) -> Settings:
    """Return the settings of a queue's worker: one that publishes has the keys of this home, where there are any."""
    keys = read_keys(settings.token_keys_file) if queue == "publish" and settings.token_keys is None else ()
    return settings.model_copy(update={"token_keys": SecretStr(",".join(keys))}) if keys else settings


def urls(settings: Settings, queue: str) -> tuple[str, str]:
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
    return found.database_publish if queue == "publish" else found.database, found.redis
