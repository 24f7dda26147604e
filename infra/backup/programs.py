"""PostgreSQL's own programs for backups, as this machine has them, and what they need of a server."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infra.embedded.postgres import postgres_binaries
from infra.errors import Forbidden, Invalid, Unavailable

SLOT = "ytempire_backup"
_NOTHING_ELSE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_SERVER = """
    select current_setting('server_version_num')::int / 10000, system_identifier::text, current_setting('summarize_wal') = 'on',
        pg_size_bytes(current_setting('wal_segment_size')), current_database(), (select rolname from pg_roles where oid = 10),
        coalesce((select rolsuper or rolreplication from pg_roles where rolname = current_user), false), current_user,
        (select count(*) from pg_tablespace where spcname not in ('pg_default', 'pg_global'))
    from pg_control_system()
"""


class MayNotReplicate(Forbidden):
    """The role or the server does not let the database be copied."""

    code = "backup_not_permitted"


@dataclass(frozen=True)
class Server:
    """What a backup has to know of a server."""

    major: int
    system_identifier: str
    summarizes: bool
    segment_bytes: int
    database: str
    superuser: str


@dataclass(frozen=True)
class Programs:
    """The programs in one folder, and how they reach a server: never with a password on a command line."""

    folder: Path
    url: str

    def argv(self, program: str, *arguments: str) -> list[str]:
        """Return a command line that connects to the server."""
        told = {name: value for name, value in conninfo_to_dict(self.url).items() if name != "password"}
        return [str(self.folder / program), "--no-password", "-d", make_conninfo("", **told), *arguments]

    def environment(self) -> dict[str, str]:
        """Return the environment of a program that connects: it holds the password, which others cannot read there."""
        password = conninfo_to_dict(self.url).get("password")
        return {**_NOTHING_ELSE, **({"PGPASSWORD": str(password)} if password else {})}

    @contextmanager
    def streaming(self, program: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a program whose output is read in the block; afterwards raises Unavailable with what it said when it failed."""
        with tempfile.TemporaryFile() as said:
            with subprocess.Popen(self.argv(program, *arguments), stdout=subprocess.PIPE, stderr=said, env=self.environment()) as process:
                read = False
                try:
                    yield process
                    read = True
                finally:
                    if not read:
                        process.kill()
            if process.returncode:
                said.seek(0)
                raise Unavailable(f"{program} failed: {said.read(4000).decode(errors='replace').strip()}")

    def server(self) -> Server:
        """Look at the server; raises MayNotReplicate, Invalid and Unavailable when it cannot be backed up, saying what to change."""
        try:
            with psycopg.connect(self.url, connect_timeout=5) as connection:
                row = connection.execute(_SERVER).fetchone()
        except psycopg.OperationalError as error:
            raise Unavailable(f"backup: Postgres does not answer: {str(error).strip()}; start it, or correct DATABASE_ADMIN_URL") from error
        assert row is not None
        major, system, summarizes, segment, database, superuser, may, role, spaces = row
        if not may:
            fix = f"run `alter role {role} replication`, or set DATABASE_ADMIN_URL to a role that may"
            raise MayNotReplicate(f"backup: role {role} of DATABASE_ADMIN_URL (or DATABASE_URL) may not replicate; {fix}", role=role)
        if major != (ours := major_of(self.folder)):
            raise Invalid(f"backup: the server is PostgreSQL {major}, the programs here are {ours} and restore only their own; use that server version")
        if spaces:
            raise Invalid(f"backup: the server has {spaces} tablespaces of its own, 0 are supported; move what is in them to pg_default")
        self._require_replication(role)
        return Server(major, system, summarizes, segment, database, superuser)

    def _require_replication(self, role: str) -> None:
        try:
            with psycopg.connect(self.url, connect_timeout=5, replication="true", autocommit=True) as connection:
                connection.pgconn.exec_(b"IDENTIFY_SYSTEM")
        except psycopg.OperationalError as error:
            fix = f"add a line `hostssl replication {role} ADDRESS scram-sha-256` to its pg_hba.conf and reload it"
            raise MayNotReplicate(f"backup: the server lets {role} not replicate from here ({str(error).strip()}); {fix}", role=role) from error


def major_of(folder: Path) -> int:
    """Return the major version of the programs in a folder: what they restore runs under this version only."""
    told = subprocess.run([folder / "pg_basebackup", "--version"], capture_output=True, text=True, check=True, env=_NOTHING_ELSE).stdout
    found = re.search(r"(\d+)\.", told)
    if found is None:
        raise Unavailable(f"pg_basebackup says {told.strip()!r}, which names no version")
    return int(found[1])


def programs(url: str) -> Programs:
    """Return the bundled programs, to be used with the server at a URL."""
    return Programs(postgres_binaries(os.geteuid()), url)


def combine(folder: Path, backups: list[Path], target: Path) -> None:
    """Make one plain base backup of a full one and those that build on it; raises Unavailable with what the program said.

    Nothing is synced to the disk here: the server that recovers from it begins with that.
    """
    argv = [str(folder / "pg_combinebackup"), "--no-sync", "--manifest-checksums=SHA256", "-o", str(target), *map(str, backups)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=_NOTHING_ELSE)
    if done.returncode:
        raise Unavailable(f"pg_combinebackup failed: {done.stderr.strip()}")
