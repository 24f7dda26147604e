"""Analytics of a real standby: a second server that the first one streams its log to."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from infra.backup.programs import programs
from infra.clock import SYSTEM_CLOCK
from infra.database import Database, UnitOfWork
from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.runtime import give_tree, service_uid
from memory.analytics_reads import AnalyticsReads, Freshness
from memory.migrations import migrate
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.channels import ChannelRepository
from memory.repositories.heartbeats import HeartbeatRepository

pytestmark = pytest.mark.slow
EVER = datetime(2000, 1, 1, tzinfo=UTC)
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@pytest.fixture
def servers() -> Iterator[tuple[EmbeddedPostgres, EmbeddedPostgres]]:
    """A migrated server, and one that follows it."""
    folder = Path(tempfile.mkdtemp(prefix="ytempire-standby-"))
    folder.chmod(0o711)
    first, second = EmbeddedPostgres(folder / "first", _FAST), EmbeddedPostgres(folder / "second", _FAST)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        undo.callback(first.stop)
        migrate(first.start().admin)
        second.data.parent.mkdir(parents=True)
        second.data.parent.parent.chmod(0o711)
        second.data.parent.chmod(0o711)
        shutil.copy(first.data.parent / "postgres.json", second.data.parent / "postgres.json")
        copying = programs(first.urls().admin)
        argv = copying.argv("pg_basebackup", "-D", str(second.data), "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync")
        subprocess.run(argv, env=copying.environment(), check=True, capture_output=True)
        if os.geteuid() == 0:
            give_tree(second.data, service_uid(second.data))
        undo.callback(second.stop)
        second.launch()
        second.wait_ready()
        yield first, second


def seen(reads: AnalyticsReads, unchanged_since: datetime = EVER) -> tuple[str, str]:
    """Return where the channel's name was read, and the name."""

    def work(session: UnitOfWork, fresh: Freshness) -> tuple[str, str]:
        return fresh.source, str(session.execute(text("select name from channels where id = 'pulse'")).scalar_one_or_none())

    return reads.read(LOCAL_TENANT, unchanged_since, work)


def until(reads: AnalyticsReads, wanted: tuple[str, str], unchanged_since: datetime = EVER) -> None:
    """Read until it is so, at most 20 s."""
    limit = time.monotonic() + 20
    while seen(reads, unchanged_since) != wanted:
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_a_standby_answers_and_what_it_has_not_heard_yet_is_read_of_the_server_itself(servers: tuple[EmbeddedPostgres, EmbeddedPostgres]) -> None:
    first, second = servers
    primary, studio = Database(first.urls().api, pool_size=1), Database(first.urls().app, pool_size=1)
    reads = AnalyticsReads(primary, Database(second.urls().api, pool_size=1))
    with studio.unit_of_work() as session:
        ChannelRepository(session).create("pulse", "pulse", "Before", LOCAL_TENANT)
        HeartbeatRepository(session).beat("server")
    until(reads, ("replica", "Before"))
    with psycopg.connect(second.urls().admin, autocommit=True) as standby:
        standby.execute("select pg_wal_replay_pause()")
        with studio.unit_of_work() as session:
            session.execute(text("update channels set name = 'After'"))
        changed = SYSTEM_CLOCK.now()
        with studio.unit_of_work() as session:
            HeartbeatRepository(session).beat("server")
        assert seen(reads, changed) == ("database", "After")
        assert seen(reads) == ("replica", "Before")
        standby.execute("select pg_wal_replay_resume()")
    until(reads, ("replica", "After"), changed)
    second.stop()
    assert seen(reads) == ("database", "After")
    for one in (reads, primary, studio):
        one.dispose()
