"""The process that holds a home's stack: services, migrations, dispatcher and workers under one supervisor."""

import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from api.capacity import capacity
from api.migrating import migrate_apart
from api.stack_guard import Guard
from infra.backup.log_shipping import drop_slot
from infra.clock import SYSTEM_CLOCK
from infra.control import ControlServer, Message
from infra.database import Database
from infra.embedded.certificate import ensure_certificate
from infra.embedded.door import check_address, check_logins
from infra.embedded.postgres import EmbeddedPostgres, require_postgres
from infra.embedded.redis import EmbeddedRedis, require_redis
from infra.embedded.runtime import discard_runtime_folder, runtime_folder
from infra.errors import Invalid, StudioError, Unavailable
from infra.files import write_private
from infra.homelock import HomeLock
from infra.keyring import ensure_keys
from infra.log import configure_logging, get_logger
from infra.processes import end_quickly, environment
from infra.room import out_of_room, require_room
from infra.runfiles import WATCHDOG, alive_file
from infra.runfiles import stack_note as note_of_home
from infra.settings import CHECKOUT, Settings, load_settings
from infra.supervisor import Supervisor
from infra.units import Kind, ProcessSpec, Unit
from infra.version import code_version
from memory.joining import hold_terms
from memory.media_shared import open_media
from memory.repositories.payments import PaymentRepository

# A database in the making, and room for its log to turn over.
START_BYTES = 100_000_000
LINGER_S = 20.0
# The processes of a stack that stays up, each a module of `api` of its name; the watchdog comes last and looks after all others.
SERVER = "server"
LASTING = ("conductor", "watcher", WATCHDOG)
# Turns of the watchdog that may be missing before its supervisor starts it anew.
_TURNS_MISSED, _TURN_LONGEST_S = 3, 60.0
_WORKER_GRACE_EXTRA_S = 5.0
SLOT_STAYS = "slot.stayed"
_log = get_logger("stack")


@dataclass(frozen=True)
class StackUrls:
    """Where a running stack is: the database URLs of the app, of the workers that publish and of the owner, Redis, and the URL of what serves tenants.

    The last is empty on a server of the user's own for which none was given.
    """

    database: str
    database_publish: str
    database_admin: str
    redis: str
    database_api: str = ""


Plan = Callable[[Settings, StackUrls], list[Unit]]


def processes(settings: Settings, urls: StackUrls) -> list[Unit]:
    """Return the dispatcher and the workers that serve this machine's capacity."""
    found: list[Unit] = [python_unit("dispatch", "control", ["tools.dispatch"], settings, urls)]
    for queue, count in capacity(settings).items():
        held = _secrets_of(queue, settings)
        units = [python_unit(f"worker-{queue}-{number}", "worker", ["tools.worker", "--queue", queue], held, urls) for number in range(1, count + 1)]
        # What renders takes every core there is; whoever asks the service, and what sends jobs, is not to wait for it.
        found += [replace(unit, steps_back=queue == "cpu") for unit in units]
    return found


def _secrets_of(queue: str, settings: Settings) -> Settings:
    """Return the settings of a queue's workers: only those that publish are given the keys of the channel owners' consents."""
    if queue != "publish" or settings.youtube_client is None:
        return settings
    keys = settings.token_keys or SecretStr(",".join(ensure_keys(settings.token_keys_file)))
    return settings.model_copy(update={"token_keys": keys})


def lasting(settings: Settings, urls: StackUrls) -> list[Unit]:
    """Return what a stack that stays up runs: all of that, the conductor of autonomous runs, the watcher of publications, and the watchdog.

    With a place for backups, also what keeps them.
    """
    found = [*processes(settings, urls), *(python_unit(name, "control", [f"api.{name}"], settings, urls) for name in LASTING)]
    return [*found, _backups(settings, urls)] if settings.backup_to else found


def _backups(settings: Settings, urls: StackUrls) -> ProcessSpec:
    """Return the process that keeps backups: the one beside the supervisor that is told how to reach the database as its owner."""
    found = python_unit("backups", "control", ["api.backups"], settings, urls)
    return replace(found, env={**found.env, "DATABASE_ADMIN_URL": urls.database_admin})


def python_unit(name: str, kind: Kind, module: list[str], settings: Settings, urls: StackUrls) -> ProcessSpec:
    # Set to nothing where they are not for, so that a value in `.env` does not reach the process either.
    publishes = name.startswith("worker-publish-")
    withheld = {"DATABASE_PUBLISH_URL": "", "DATABASE_API_URL": ""} | ({} if publishes else dict.fromkeys(("YTEMPIRE_TOKEN_KEYS", "YOUTUBE_CLIENT_SECRET"), ""))
    # Of what serves people and programs, and of nothing else: the keys of identity, and the role that sees one tenant at a time.
    withheld |= {"DATABASE_API_URL": urls.database_api} if name == SERVER else {"YTEMPIRE_IDENTITY_KEYS": "", "DATABASE_REPLICA_URL": ""}
    places = {"DATABASE_URL": urls.database_publish if publishes else urls.database, "REDIS_URL": urls.redis, "YTEMPIRE_HOME": str(settings.home)}
    env = environment(**{**settings.environment(), **withheld, **places})
    env.pop("DATABASE_ADMIN_URL", None)
    grace_s = settings.worker_stop_s + _WORKER_GRACE_EXTRA_S if kind == "worker" else 10.0
    return ProcessSpec(name, kind, [sys.executable, "-m", *module], env, settings.home / "logs" / f"{name}.log", cwd=CHECKOUT, grace_s=grace_s)


def listening(settings: Settings) -> list[Unit]:
    """Return the process by which other machines reach the embedded servers, where YTEMPIRE_LISTEN asks for one.

    Raises Invalid, Conflict or Forbidden when there is nothing to open, the address cannot be had, or somebody could enter without a password.
    """
    if not settings.listen:
        return []
    postgres, redis = EmbeddedPostgres(settings.home), EmbeddedRedis(settings.home)
    argv: list[str] = []
    if not settings.database_url:
        check_logins(postgres.data)
        argv += ["--postgres", str(settings.listen_postgres_port), str(postgres.socket_folder / ".s.PGSQL.5432")]
    if not settings.redis_url:
        argv += ["--redis", str(settings.listen_redis_port), str(redis.socket)]
    if not argv:
        raise Invalid("YTEMPIRE_LISTEN is set, and DATABASE_URL and REDIS_URL name servers of your own; there is nothing to open: leave it out")
    check_address(settings.listen, [int(argv[place + 1]) for place in range(0, len(argv), 3)])
    pair = ensure_certificate(settings.home / "services", settings.listen)
    argv = [sys.executable, "-m", "infra.embedded.door", "--address", settings.listen, "--certificate", str(pair.certificate), "--key", str(pair.key), *argv]
    # Of the services' kind, since it serves the other machines' workers until the last of this one has stopped.
    return [ProcessSpec("door", "service", argv, environment(), settings.home / "logs" / "door.log", cwd=CHECKOUT)]


class StackHost:
    """Runs the stack of one home in the main thread of this process until told to stop.

    `before` runs once the home is this host's and nothing was started yet.
    With `holder`, a connected socket, the stack lives as long as that or any later client stays connected, and LINGER_S longer when the last one
    ended without taking leave; without, until SIGTERM or SIGINT.
    """

    def __init__(self, settings: Settings, holder: socket.socket | None = None, plan: Plan = processes, before: Callable[[], None] = lambda: None) -> None:
        self.settings = settings.model_copy(update={"home": settings.home.resolve()})
        self.note = stack_note(self.settings)
        self._holder = holder
        self._plan = plan
        self._before = before
        self._lock = HomeLock(self.settings.home)

    def run(self, announce: Callable[[StackUrls], None] = lambda _: None) -> None:
        """Start everything, announce where it is, and return once all has been stopped.

        Raises Conflict when the home is in use, Unavailable when a service does not answer, DiskFull before anything is written.
        """
        require_room(self.settings.home, START_BYTES, "the stack")
        with ExitStack() as undo:
            undo.enter_context(self._lock)
            self._before()
            supervisor = undo.enter_context(Supervisor())
            urls = self._start_services(supervisor)
            migrate_apart(urls.database_admin)
            self._hold_terms(urls)
            self._let_log_go(urls)
            for unit in listening(self.settings):
                supervisor.add(unit)
            for unit in self._plan(self.settings, urls):
                supervisor.add(unit)
            Guard(supervisor, WATCHDOG, alive_file(self.settings.home), _TURNS_MISSED * self.settings.watchdog_every_s + _TURN_LONGEST_S).keep_looking()
            control = self._open_door(supervisor, urls)
            undo.callback(discard_runtime_folder, control.path.parent)
            undo.callback(control.close)
            undo.callback(self.note.unlink, missing_ok=True)
            _log.info("stack.started", home=str(self.settings.home), processes=len(supervisor.pids()))
            announce(urls)
            supervisor.run()
        _log.info("stack.stopped", home=str(self.settings.home))

    def _start_services(self, supervisor: Supervisor) -> StackUrls:
        settings = self.settings
        redis = None
        if settings.redis_url:
            require_redis(settings.redis_url)
        else:
            redis = EmbeddedRedis(settings.home)
            supervisor.add(redis)
        if settings.database_url:
            require_postgres(settings.database_url)
            database, admin = settings.database_url, settings.database_admin_url or settings.database_url
            publish, api = settings.database_publish_url or database, settings.database_api_url or ""
        else:
            postgres = EmbeddedPostgres(settings.home)
            supervisor.add(postgres)
            postgres.wait_ready()
            urls = postgres.ensure_database()
            database, publish, admin, api = urls.app, urls.publish, urls.admin, urls.api
        if redis is not None:
            redis.wait_ready()
        return StackUrls(database, publish, admin, redis.url() if redis is not None else str(settings.redis_url), api)

    def _hold_terms(self, urls: StackUrls) -> None:
        """Say which media store and code this studio has, for the workers of other machines; raises MediaMoved for a store that is not the studio's."""
        database = Database(urls.database, pool_size=1)
        try:
            bound = not self.settings.database_url and not self.settings.media
            hold_terms(database, open_media(self.settings), code_version(), bound=bound)
            with database.unit_of_work() as session:
                PaymentRepository(session).set_billed(self.settings.stripe_secret_key is not None)
        finally:
            database.dispose()

    def _let_log_go(self, urls: StackUrls) -> None:
        """Where backups were switched off, let the server keep no more log for them: a log that nobody reads fills the disk."""
        if self.settings.backup_to or self._plan is not lasting:
            return
        try:
            drop_slot(urls.database_admin)
        except Unavailable as error:
            _log.warning(SLOT_STAYS, error=error.message)

    def _open_door(self, supervisor: Supervisor, urls: StackUrls) -> ControlServer:
        door = runtime_folder(self.settings.home, "stack", os.geteuid()) / "control.sock"
        greeting = {"state": "ready", **asdict(urls)}

        def on_empty(took_leave: bool) -> None:
            # A client that was killed took no leave: the jobs go on for a while, so that whoever resumes finds a warm stack and loses no work.
            supervisor.call_later(0.0 if took_leave else LINGER_S, lambda: None if control.clients else supervisor.request_stop())

        def answer(message: Message) -> Message:
            if "kill" in message:
                return {"killed": supervisor.kill(int(str(message["kill"])))}
            if "processes" in message:
                return {"processes": supervisor.pids()}
            if "units" in message:
                return {"units": [asdict(state) for state in supervisor.states()]}
            if "leave" in message:
                return {"last": self._holder is not None and control.clients <= 1}
            raise Invalid("a request names one of: kill, processes, units, leave")

        control = ControlServer(door, supervisor, greeting, answer)
        where = {"control": str(door), "home": str(self.settings.home), "listen": self.settings.listen, "media": self.settings.media}
        note = {**asdict(urls), **where, "pid": os.getpid(), "since": SYSTEM_CLOCK.now().isoformat()}
        write_private(self.note, json.dumps(note, indent=2) + "\n")
        if self._holder is not None:
            control.on_empty = on_empty
            control.adopt(self._holder)
        return control


def stack_note(settings: Settings) -> Path:
    """Return the file that tells a second command how to join the running stack of a home."""
    return note_of_home(settings.home)


def main() -> None:
    """Run a stack for the client at the other end of the socket whose descriptor is the only argument."""
    settings = load_settings()
    configure_logging(settings.log_level)
    end_quickly()
    holder = socket.socket(fileno=int(sys.argv[1]))
    try:
        StackHost(settings, holder).run()
    except (StudioError, OSError) as error:
        known = out_of_room(error, settings.home) if isinstance(error, OSError) else error
        if known is None:
            raise
        _log.error("stack.start_failed", code=known.code, error=known.message)
        with suppress(OSError):  # it was greeted long ago, and has been hung up on by now
            holder.sendall(json.dumps({"error": known.message, "code": known.code}).encode() + b"\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
