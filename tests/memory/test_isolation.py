"""Row-level security: a tenant's request meets no other tenant's row in any table, and what it was begun for ends with it."""

import re
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from infra.database import Database, NotIsolated
from infra.embedded.postgres import PostgresUrls
from infra.errors import Invalid
from memory.migrations import downgrade, migrate
from memory.migrations.isolation import RULES

A, B = "tenant_a", "tenant_b"
_FILL = {
    "jsonb": "{}",
    "ARRAY": "{}",
    "boolean": "f",
    "date": "2026-01-01",
    "timestamp with time zone": "2026-01-01",
    "USER-DEFINED": "[" + ",".join(["0"] * 384) + "]",
}
_COLUMNS = """
    select table_name, column_name, data_type from information_schema.columns
    where table_schema = 'public' and is_generated = 'NEVER' and is_identity = 'NO' order by table_name, ordinal_position
"""
_CHECKS = "select conrelid::regclass::text, conname from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace"


def _tables(connection: "psycopg.Connection[Any]") -> list[str]:
    return [name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public' order by 1")]


def _value(kind: str, tenant: str) -> str:
    return tenant if kind in {"text", "character"} else _FILL.get(kind, "1" if tenant == A else "2")


@pytest.fixture(scope="module")
def two_tenants(new_database: Any) -> tuple[PostgresUrls, dict[str, dict[str, str]]]:
    """One row of each tenant in every table: every text of a row is the tenant's name, so that all rows of a tenant belong to each other."""
    urls: PostgresUrls = new_database()
    columns: dict[str, dict[str, str]] = {}
    with psycopg.connect(urls.admin) as connection:
        for table, check in connection.execute(_CHECKS).fetchall():
            connection.execute(f'alter table {table} drop constraint "{check}"')
        for table, column, kind in connection.execute(_COLUMNS):
            columns.setdefault(table, {})[column] = kind
        connection.execute("set session_replication_role = replica")
        for table, kinds in columns.items():
            for tenant in (A, B):
                connection.execute(_insert(table, kinds, tenant))
    return urls, columns


def _insert(table: str, kinds: dict[str, str], tenant: str) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, kinds))
    values = sql.SQL(", ").join(sql.Literal(_value(kind, tenant)) for kind in kinds.values())
    return sql.SQL("insert into {} ({}) values ({})").format(sql.Identifier(table), names, values)


def _try(connection: "psycopg.Connection[Any]", statement: sql.Composed | str) -> int | str:
    """Return how many rows a statement met, or the SQLSTATE that refused it; whatever it did is undone."""
    try:
        with connection.transaction(force_rollback=True):
            return connection.execute(statement).rowcount
    except psycopg.Error as error:
        return str(error.sqlstate)


def test_every_table_has_a_rule_or_a_reason(admin_database_url: str) -> None:
    with psycopg.connect(admin_database_url) as connection:
        there = set(_tables(connection))
        secured = {name for (name,) in connection.execute("select relname from pg_class where relrowsecurity and relkind = 'r'")}
    assert there == set(RULES), "name the table in memory/migrations/isolation.py: whose rows it holds, or why it is closed"
    assert there == secured
    assert [table for table, rule in RULES.items() if rule.rows is None and not rule.why] == []


def test_no_table_lets_a_tenant_meet_anothers_row(two_tenants: tuple[PostgresUrls, dict[str, dict[str, str]]]) -> None:
    urls, columns = two_tenants
    met: dict[str, Any] = {}
    with psycopg.connect(urls.api) as connection:
        connection.execute(f"select set_config('ytempire.tenant', '{A}', true)")
        for table, kinds in columns.items():
            words = next((name for name, kind in kinds.items() if kind in {"text", "character"}), "")
            theirs = f"where trim({words}) = '{B}'" if words else ""
            met[table] = {
                "read": _try(connection, f'select from "{table}" {theirs}'),
                "insert": _try(connection, _insert(table, kinds, B)),
                "update": _try(connection, f'update "{table}" set {next(iter(kinds))} = {next(iter(kinds))} {theirs}'),
                "delete": _try(connection, f'delete from "{table}" {theirs}'),
            }
    # Whose a message is, its table decides by what it is about: one that is written for another stays its writer's, and this one is there already.
    assert met["messages"].pop("insert") == "23505"
    refused = {"42501", 0}
    assert {table: found for table, found in met.items() if not (set(found.values()) <= refused and found.get("insert", "42501") == "42501")} == {}


def test_a_tenant_meets_its_own_rows_and_cannot_give_them_away(two_tenants: tuple[PostgresUrls, dict[str, dict[str, str]]]) -> None:
    urls, columns = two_tenants
    with psycopg.connect(urls.api) as connection:
        connection.execute(f"select set_config('ytempire.tenant', '{A}', true)")
        owned = [table for table, rule in RULES.items() if rule.rows and "tenant_local" not in rule.rows and "select" in rule.may]
        assert {table: _try(connection, f'select from "{table}"') for table in owned} == dict.fromkeys(owned, 1)
        for table in owned:
            column = "tenant_id" if "tenant_id" in columns[table] else "channel_id" if "channel_id" in columns[table] else "run_id"
            if "update" in RULES[table].may and column in columns[table]:
                # Set by the table itself where it is taken from the channel, or from what a message is about: the row then stays, and nothing was given away.
                given = _try(connection, f"update \"{table}\" set {column} = '{B}'")
                stays = given == 1 and table in {"videos", "runs", "publications", "approvals", "messages"}
                assert stays or given in {"42501", "23001"}, f"{table}: {given}"


def test_without_a_tenant_nothing_is_seen(two_tenants: tuple[PostgresUrls, dict[str, dict[str, str]]]) -> None:
    urls, columns = two_tenants
    with psycopg.connect(urls.api) as connection:
        assert {found for table in columns if (found := _try(connection, f'select from "{table}"')) != "42501"} == {0}
        connection.execute("select set_config('ytempire.tenant', '', true)")
        assert {found for table in columns if (found := _try(connection, f'select from "{table}"')) != "42501"} == {0}


def test_the_studio_sees_all_and_its_first_tenant_what_belongs_to_none(two_tenants: tuple[PostgresUrls, dict[str, dict[str, str]]]) -> None:
    urls, columns = two_tenants
    with psycopg.connect(urls.app) as connection:
        open_to_it = [table for table in columns if table not in {"channel_tokens"}]
        assert {table for table in open_to_it if int(_try(connection, f'select from "{table}"')) < 2} == set()
    with psycopg.connect(urls.api) as connection:
        connection.execute("select set_config('ytempire.tenant', 'tenant_local', true)")
        assert _try(connection, "select from heartbeats") == 2
        assert _try(connection, "select from channels") == 0


def test_a_tenants_channel_cannot_be_named_by_another(two_tenants: tuple[PostgresUrls, dict[str, dict[str, str]]]) -> None:
    urls, _ = two_tenants
    with psycopg.connect(urls.api) as connection:
        connection.execute(f"select set_config('ytempire.tenant', '{A}', true)")
        task = "insert into tasks (id, tenant_id, key, kind, payload, created_by, channel_id) values ('t', 'tenant_a', 'k', 'topic', '{}', 'me', %s)"
        video = "insert into videos (id, tenant_id, channel_id, format, seconds, provenance) values ('v', 'tenant_a', %s, 'landscape', 60, 'demo')"
        for statement in (task, video):
            assert _try(connection, statement.replace("%s", f"'{B}'")) == "42501"
            assert _try(connection, statement.replace("%s", f"'{A}'")) == 1


def test_the_tenant_of_one_transaction_is_not_the_next_ones(database_urls: PostgresUrls) -> None:
    database = Database(database_urls.api, pool_size=1)
    count = text("select count(*) from tenants")
    try:
        with database.unit_of_work(tenant="tenant_local") as session:
            assert session.scalar(count) == 1
        with database.unit_of_work() as session:
            assert session.scalar(count) == 0
        with pytest.raises(ZeroDivisionError), database.unit_of_work(tenant="tenant_local") as session:
            raise ZeroDivisionError
        with database.unit_of_work(tenant="tenant_other") as session:
            assert session.scalar(count) == 0
            session.execute(text("savepoint one"))
            session.execute(text("rollback to one"))
            assert session.scalar(text("select current_setting('ytempire.tenant')")) == "tenant_other"
        with pytest.raises(Invalid, match="tenant"), database.unit_of_work(tenant="x', true); select ('"):
            pass
    finally:
        database.dispose()


def test_only_a_role_that_row_security_holds_may_serve_tenants(database_urls: PostgresUrls) -> None:
    for url, ok in ((database_urls.api, True), (database_urls.admin, False), (database_urls.app, False), (database_urls.publish, False)):
        database = Database(url, pool_size=1)
        if ok:
            database.ensure_isolated()
        else:
            with pytest.raises(NotIsolated, match="connect as ytempire_api"):
                database.ensure_isolated()
        database.dispose()


def test_tables_of_others_are_out_of_reach(database_urls: PostgresUrls) -> None:
    with psycopg.connect(database_urls.admin) as connection:
        connection.execute("create table checkpoints (thread_id text primary key)")
    with psycopg.connect(database_urls.api) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from checkpoints")


def test_an_older_schema_shows_the_tenants_role_nothing(database_urls: PostgresUrls) -> None:
    downgrade(database_urls.admin, "0012_outcomes")
    with psycopg.connect(database_urls.api) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select set_config('ytempire.tenant', 'tenant_local', true); select * from channels")
    migrate(database_urls.admin)
    with psycopg.connect(database_urls.api) as connection:
        connection.execute("select set_config('ytempire.tenant', 'tenant_local', true)")
        assert connection.execute("select id from tenants").fetchall() == [("tenant_local",)]


@pytest.mark.parametrize("table", ["runs", "videos", "approvals", "publications"])
def test_the_hot_lists_are_read_from_an_index_that_begins_with_the_tenant(database_urls: PostgresUrls, table: str) -> None:
    page = f"select id from {table} where (created_at, id) < (now(), 'x') order by created_at desc, id desc limit 50"
    with psycopg.connect(database_urls.api) as connection:
        connection.execute("select set_config('ytempire.tenant', 'tenant_local', true), set_config('enable_seqscan', 'off', true)")
        plan = "\n".join(line for (line,) in connection.execute(f"explain {page}"))
        one = "\n".join(line for (line,) in connection.execute(f"explain select * from {table} where id = 'x'"))
    assert re.search(r"Index Cond: \(\(tenant_id = current_setting\('ytempire.tenant'::text, true\)\) AND \(ROW\(created_at, id\) < ROW", plan), plan
    assert f"pk_{table}" in one
    assert "Sort" not in plan + one
    assert "SubPlan" not in plan + one
