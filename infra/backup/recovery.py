"""Recovery: the server of a home in the making replays the log to the wanted moment, and the studio's roles get their passwords."""

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from infra.backup.catalog import Entry
from infra.embedded.postgres import DATABASE, EmbeddedPostgres, PostgresUrls
from infra.embedded.runtime import give_tree, service_uid
from infra.errors import Unavailable
from infra.files import tail

_WITHIN_S = 3600.0
_ENDED_EARLY = "recovery ended before configured recovery target was reached"
_HBA = "local all all trust\n"


class Recovery:
    """Recovers the data folder of one home in the making."""

    LOG: ClassVar[str] = "restored_log"

    def __init__(self, home: Path, entry: Entry) -> None:
        self._home, self._entry = home, entry
        self._data = home / "services" / "postgres"

    def run(self, at: datetime | None, work: Callable[[PostgresUrls, Entry], None]) -> datetime | None:
        """Recover to `at`, or as far as the log goes, run `work` on the database, and return the moment of the last commit that is in it."""
        self._prepare()
        server = self._recovered(at)
        try:
            with psycopg.connect(self._trusted(server), autocommit=True) as connection:
                row = connection.execute("select pg_last_xact_replay_timestamp()").fetchone()
                self._rename(connection)
            self._reset_roles(server)
            work(server.urls(), self._entry)
        finally:
            server.stop()
        self._finish()
        last = row[0] if row else None
        return last if isinstance(last, datetime) else None

    def _recovered(self, at: datetime | None) -> EmbeddedPostgres:
        """Start the server and return it once it has recovered. A target after the last commit counts as reached: nothing more happened until then."""
        server = EmbeddedPostgres(self._home, self._options(at))
        try:
            server.launch()
            server.wait_ready(_WITHIN_S)
        except Unavailable:
            server.stop()
            if at is None or _ENDED_EARLY not in tail(server.log, 20_000):
                raise
            server.log.unlink()
            (self._data / "recovery.signal").touch()
            self._own()
            return self._recovered(None)
        return server

    def _prepare(self) -> None:
        for name in ("postmaster.pid", "standby.signal", "backup_manifest"):
            (self._data / name).unlink(missing_ok=True)
        (self._data / "recovery.signal").touch()
        # During recovery the socket, in a folder of ours alone, asks for no password: those of the backup may be another server's.
        (self._data / "recovery_hba.conf").write_text(_HBA)
        if not self._entry.embedded:
            for name in ("postgresql.conf", "postgresql.auto.conf"):
                (self._data / name).write_text("")
            (self._data / "pg_hba.conf").write_text("local all all scram-sha-256\nlocal replication all scram-sha-256\n")
            (self._data / "pg_ident.conf").write_text("")
        self._own()

    def _own(self) -> None:
        if os.geteuid() == 0:
            give_tree(self._data, service_uid(self._data))
        self._data.chmod(0o700)

    def _options(self, at: datetime | None) -> dict[str, str]:
        target = {} if at is None else {"recovery_target_time": at.isoformat(), "recovery_target_inclusive": "on"}
        return {
            "restore_command": f"cp {self.LOG}/%f %p",
            "recovery_target_timeline": "current",
            "recovery_target_action": "promote",
            "hot_standby": "off",
            "hba_file": "recovery_hba.conf",
            **target,
        }

    def _trusted(self, server: EmbeddedPostgres, database: str | None = None) -> str:
        return f"host={server.socket_folder} user={self._entry.superuser} dbname={database or 'postgres'}"

    def _rename(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """Give the database the name that an embedded home expects; another one of that name steps aside."""
        if self._entry.database == DATABASE:
            return
        rename, names = sql.SQL("alter database {} rename to {}"), [(self._entry.database, DATABASE)]
        if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            names.insert(0, (DATABASE, f"{DATABASE}_beside"))
        for old, new in names:
            connection.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))

    def _reset_roles(self, server: EmbeddedPostgres) -> None:
        """Give the embedded roles the passwords of the home's file; a backup of a server of the user's own lacks both."""
        with psycopg.connect(self._trusted(server), autocommit=True) as connection:
            for role, password in server.passwords().items():
                known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
                verb = "alter" if known else "create"
                options = " superuser" if role == "postgres" and not known else ""
                statement = sql.SQL(f"{verb} role {{}} login{options} password {{}}")
                connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
        if not self._entry.embedded:
            server.ensure_database()

    def _finish(self) -> None:
        shutil.rmtree(self._data / self.LOG)
        (self._data / "recovery_hba.conf").unlink()
        for path in (self._home / "logs" / "postgres.log", self._home / "services" / "postgres.lock"):
            path.unlink(missing_ok=True)
