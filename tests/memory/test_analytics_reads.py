"""Analytics of a replica: asked while it is there, isolates tenants and is not behind, and never missed when it is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from infra.clock import SYSTEM_CLOCK
from infra.database import Database, UnitOfWork
from infra.embedded.postgres import PostgresUrls
from memory.analytics_reads import AnalyticsReads, Freshness
from memory.repositories.heartbeats import HeartbeatRepository

EVER = datetime(2000, 1, 1, tzinfo=UTC)
_WHERE = text("select current_database(), current_setting('ytempire.tenant', true)")


@dataclass
class Later:
    """The machine's clock, whose durations a test adds to."""

    by_s: float = 0.0

    def now(self) -> datetime:
        return SYSTEM_CLOCK.now()

    def monotonic(self) -> float:
        return SYSTEM_CLOCK.monotonic() + self.by_s


@dataclass
class Pair:
    """A database and what stands for its copy."""

    reads: AnalyticsReads
    clock: Later
    primary: PostgresUrls
    copy: PostgresUrls
    opened: list[Database]

    def put(self, url: str | None) -> None:
        """Put another replica, or none, in the place of the one that is there."""
        self.reads.replica = None if url is None else Database(url, pool_size=1)
        self.opened += [self.reads.replica] if self.reads.replica else []

    def beat(self, ago: timedelta = timedelta()) -> None:
        """Let the newest row that was copied be so old."""
        database = Database(self.copy.app, pool_size=1)
        with database.unit_of_work() as session:
            HeartbeatRepository(session).beat("server")
            session.execute(text("update heartbeats set at = now() - cast(:ago as interval)"), {"ago": ago})
        database.dispose()

    def look(self, unchanged_since: datetime = EVER) -> tuple[str, ...]:
        """Return where a read was made, and for whom."""

        def work(session: UnitOfWork, fresh: Freshness) -> tuple[str, ...]:
            assert fresh.as_of <= fresh.read_at
            return (fresh.source, *session.execute(_WHERE).one())

        return self.reads.read("tenant_a", unchanged_since, work)

    @property
    def of_copy(self) -> tuple[str, ...]:
        """What a read of the copy returns."""
        return ("replica", self.copy.name, "tenant_a")

    @property
    def of_database(self) -> tuple[str, ...]:
        """What a read of the database itself returns."""
        return ("database", self.primary.name, "tenant_a")


@pytest.fixture
def pair(database_urls: PostgresUrls, new_database: Callable[[], PostgresUrls], drop_database: Callable[[PostgresUrls], None]) -> Iterator[Pair]:
    """A database and its copy, which are alike but for their names."""
    copy, clock = new_database(), Later()
    primary = Database(database_urls.api, pool_size=1)
    made = Pair(AnalyticsReads(primary, None, clock), clock, database_urls, copy, [primary])
    made.put(copy.api)
    yield made
    for one in made.opened:
        one.dispose()
    drop_database(copy)


def test_the_replica_is_asked_as_the_same_tenant_and_none_is_not(pair: Pair) -> None:
    pair.beat()
    assert pair.look() == pair.of_copy
    pair.put(None)
    assert pair.look() == pair.of_database


def test_one_that_is_behind_is_left_out_until_it_has_caught_up(pair: Pair) -> None:
    assert pair.look() == pair.of_database  # nothing in it says how old it is
    pair.beat(timedelta(seconds=90))
    assert pair.look() == pair.of_database
    pair.beat(timedelta(seconds=30))
    now = SYSTEM_CLOCK.now()
    assert pair.look(now - timedelta(seconds=40)) == pair.of_copy
    # What is known to have changed since then is not in it.
    assert pair.look(now - timedelta(seconds=20)) == pair.of_database


def test_while_it_is_away_the_database_itself_answers_and_it_is_asked_again_after_a_while(pair: Pair) -> None:
    pair.beat()
    there = pair.reads.replica
    pair.put("postgresql://nobody@/none?host=/nowhere")
    assert pair.look() == pair.of_database
    pair.reads.replica = there
    assert pair.look() == pair.of_database
    pair.clock.by_s = 11
    assert pair.look() == pair.of_copy


def test_what_it_breaks_off_is_read_of_the_database_itself(pair: Pair) -> None:
    pair.beat()

    def work(session: UnitOfWork, fresh: Freshness) -> str:
        if fresh.source == "replica":
            session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
        return fresh.source

    assert pair.reads.read("tenant_a", EVER, work) == "database"


def test_one_whose_role_sees_every_tenant_is_never_read(pair: Pair) -> None:
    pair.beat()
    pair.put(pair.copy.app)
    assert pair.look() == pair.of_database
