"""Databases that a process opens for one call each share an engine, and with it their connections."""

from sqlalchemy import text

from infra.database import Database, shared_engines


def _backends(url: str) -> set[int]:
    found = set()
    for _ in range(3):  # what each gateway call of a tool does
        database = Database(url, pool_size=1)
        with database.unit_of_work() as session:
            found.add(int(session.execute(text("select pg_backend_pid()")).scalar_one()))
        database.dispose()
    return found


def test_calls_one_after_the_other_use_one_connection_where_engines_are_shared(database_url: str) -> None:
    assert len(_backends(database_url)) == 3
    with shared_engines():
        assert len(_backends(database_url)) == 1
    assert len(_backends(database_url)) == 3


def test_a_server_that_ended_a_connection_is_not_noticed_and_another_address_has_its_own(database_url: str) -> None:
    watching = Database(database_url, pool_size=1)
    with shared_engines():
        (one,) = _backends(database_url)
        with watching.unit_of_work() as session:
            apart = session.execute(text("select pg_backend_pid()")).scalar_one()
        assert apart == one
        other = Database(database_url, pool_size=1, options="-c statement_timeout=0")
        assert other.engine is not watching.engine
        with other.unit_of_work() as session:
            session.execute(text("select pg_terminate_backend(:pid)"), {"pid": one})
        (after,) = _backends(database_url)
        assert after != one


def test_what_is_given_back_after_the_end_is_closed(database_url: str) -> None:
    ending, watching = Database(database_url), Database(database_url)
    with ending.unit_of_work() as session:
        pid = session.execute(text("select pg_backend_pid()")).scalar_one()
        held = session.connection().connection.driver_connection
        ending.dispose()
        assert session.execute(text("select pg_backend_pid()")).scalar_one() == pid
    assert held is not None
    assert held.closed
    watching.dispose()
