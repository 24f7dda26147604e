"""What a stack makes of a database before anything of it starts: also what only the conductor needs, which may make no tables."""

import pytest

from api.migrating import migrate_apart
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import Unavailable


def _has(url: str, table: str) -> bool:
    database = Database(url, pool_size=1)
    try:
        with database.unit_of_work() as session:
            return session.connection().exec_driver_sql("select to_regclass(%s) is not null", (table,)).scalar_one() is True
    finally:
        database.dispose()


def test_a_stack_that_no_verb_ever_used_can_conduct_a_run(database_urls: PostgresUrls) -> None:
    assert not _has(database_urls.admin, "checkpoints")
    migrate_apart(database_urls.admin)
    assert _has(database_urls.app, "checkpoints")


def test_a_database_that_is_away_is_told_and_not_waited_for(database_urls: PostgresUrls) -> None:
    with pytest.raises(Unavailable):
        migrate_apart(database_urls.admin.replace(database_urls.name, "none_such"))
