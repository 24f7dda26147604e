"""Reads of a replica: asked when there is one, and never missed when it is away."""

from collections.abc import Callable

from infra.embedded.postgres import PostgresUrls
from infra.reads import ReadPool
from infra.reads_replica import ReplicaReads

_WHERE = "select current_database(), current_setting('ytempire.tenant', true)"


async def test_the_replica_is_asked_as_the_same_tenant(database_urls: PostgresUrls, new_database: Callable[[], PostgresUrls]) -> None:
    copy = new_database()
    async with ReadPool(database_urls.api) as primary, ReadPool(copy.api) as replica:
        assert await ReplicaReads(primary, replica).rows("tenant_a", _WHERE, {}) == [(copy.name.encode(), b"tenant_a")]
        assert await ReplicaReads(primary, None).rows("tenant_a", _WHERE, {}) == [(database_urls.name.encode(), b"tenant_a")]


async def test_while_it_is_away_the_database_itself_answers(database_urls: PostgresUrls) -> None:
    async with ReadPool(database_urls.api) as primary, ReadPool("postgresql://nobody@/none?host=/nowhere") as replica:
        reads = ReplicaReads(primary, replica)
        for _ in range(2):
            assert await reads.rows("tenant_a", _WHERE, {}) == [(database_urls.name.encode(), b"tenant_a")]
