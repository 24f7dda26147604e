"""The session's own servers: what every other test relies on."""

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.embedded.postgres import PostgresUrls


def test_the_app_role_can_neither_bypass_row_security_nor_create_tables(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user").fetchone()
        assert row == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table mine (id int)")


def test_the_app_role_can_use_tables_that_the_admin_creates(database_urls: PostgresUrls) -> None:
    with psycopg.connect(database_urls.admin) as admin:
        admin.execute("create table thing (id bigserial primary key, near vector(2))")
    with psycopg.connect(database_urls.app) as app:
        app.execute("insert into thing (near) values ('[1,2]')")
        assert app.execute("select near <-> '[1,2]' from thing").fetchone() == (0.0,)


def test_redis_answers_over_its_socket_and_keeps_strangers_out(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.config_set("dir", "/")
    path = redis_url.split("@", 1)[1]
    with redis.Redis(unix_socket_path=path, retry=Retry(NoBackoff(), 0)) as stranger, pytest.raises(redis.exceptions.AuthenticationError):
        stranger.ping()
