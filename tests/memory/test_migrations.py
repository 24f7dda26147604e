"""The schema: no drift from the records, up and down, many at once, and what the restricted role may do."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import memory.records
from infra.database import Database
from infra.embedded.postgres import EmbeddedPostgres, PostgresUrls
from memory import migrations
from memory.migrations import downgrade, migrate
from memory.migrations.scope import is_ours
from memory.records.base import Record
from memory.schema_revision import SchemaBusy, newest_revision


def _tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public'")}


@pytest.fixture
def empty(postgres_server: EmbeddedPostgres, request: pytest.FixtureRequest) -> PostgresUrls:
    """A database that was never migrated."""
    return postgres_server.create_database(f"empty_{request.node.name[:40].lower()}")


def test_the_migrated_schema_is_exactly_what_the_records_say(admin_database_url: str) -> None:
    assert memory.records.__doc__
    with psycopg.connect(admin_database_url) as connection:
        connection.execute("create table checkpoints (thread_id text primary key)")
    database = Database(admin_database_url)
    with database.engine.connect() as connected:
        options = {"include_name": is_ours, "compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connected, opts=options), Record.metadata) == []
    database.dispose()


def test_a_database_goes_down_to_nothing_and_up_again(empty: PostgresUrls) -> None:
    migrate(empty.admin)
    first = _tables(empty.admin)
    assert {"runs", "cost_entries", "audit_events", "jobs"} <= first
    downgrade(empty.admin, "base")
    assert _tables(empty.admin) == {"alembic_version"}
    migrate(empty.admin)
    assert _tables(empty.admin) == first


def test_the_newest_revision_is_the_one_that_the_library_finds() -> None:
    config = Config()
    config.set_main_option("script_location", "memory:migrations")
    config.set_main_option("path_separator", "os")
    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()


def test_five_processes_may_migrate_at_once(empty: PostgresUrls) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            migrate(empty.admin)
        except BaseException as error:  # noqa: BLE001 - the test reports whatever a thread met
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with psycopg.connect(empty.admin) as connection:
        assert connection.execute("select count(*) from alembic_version").fetchone() == (1,)
        assert connection.execute("select id from tenants").fetchall() == [("tenant_local",)]


def test_a_table_locked_by_somebody_else_stops_the_migration_with_a_clear_error(empty: PostgresUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(empty.admin)
    monkeypatch.setattr(migrations, "_WAIT_FOR_TABLE", "200ms")
    with psycopg.connect(empty.admin) as other:
        other.execute("lock table lessons in access exclusive mode")
        with pytest.raises(SchemaBusy, match="locked by another session"):
            downgrade(empty.admin, "base")
    assert "lessons" in _tables(empty.admin)


@pytest.mark.parametrize(
    "forbidden",
    [
        "create table intruder (id int)",
        "drop table runs",
        "alter table runs disable trigger all",
        "update audit_events set actor = 'nobody'",
        "delete from audit_events",
        "truncate audit_events",
        "update alembic_version set version_num = 'x'",
        "create role intruder",
        "alter role ytempire_app superuser",
        "copy runs to program 'true'",
    ],
)
def test_the_restricted_role_cannot(database_url: str, forbidden: str) -> None:
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(forbidden)


def test_the_application_is_neither_superuser_nor_above_row_security(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user").fetchone()
    assert row == (False, False, False, False)


def test_the_restricted_role_works_where_default_privileges_were_never_set(postgres_server: EmbeddedPostgres, new_database: Callable[[], PostgresUrls]) -> None:
    urls = new_database()
    with psycopg.connect(urls.admin) as connection:
        connection.execute("revoke all on all tables in schema public from ytempire_app")
    migrate(urls.admin)
    with psycopg.connect(urls.app) as connection:
        connection.execute("insert into tenants (id, name) values ('t', 't')")
