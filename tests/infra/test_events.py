"""The event bus keeps its word over broken connections, and one process of many does a duty."""

import asyncio
import threading
import time

import psycopg
import pytest

from infra.events import Event, EventBus, EventsLost, LockedListener, Stop


async def test_a_watch_wakes_for_its_subject_and_kinds_only(database_url: str) -> None:
    async with EventBus(database_url) as bus:
        with bus.watch("job_a", frozenset({"done"})) as watch:
            assert await watch.changed(0.05) is False
            for subject, kind in (("job_b", "done"), ("job_a", "progress")):
                await bus.announce(subject, kind)
            assert await watch.changed(0.2) is False
            await bus.announce("job_a", "done")
            assert await watch.changed(5) is True


async def test_listeners_hear_everything_until_they_leave(database_url: str) -> None:
    heard: list[Event] = []
    async with EventBus(database_url) as bus:
        leave = bus.subscribe(heard.append)
        with bus.watch("last") as watch:
            await bus.announce("job_a", "progress")
            await bus.announce("last", "done")
            await watch.changed(5)
        leave()
        with bus.watch("after") as watch:
            await bus.announce("after", "done")
            await watch.changed(5)
    assert heard == [Event("job_a", "progress"), Event("last", "done")]


async def test_a_broken_connection_is_made_again_and_wakes_every_watcher(database_url: str, admin_database_url: str) -> None:
    async with EventBus(database_url) as bus:
        with bus.watch("job_a") as watch:
            await watch.changed(0.05)
            await asyncio.to_thread(end_sessions, admin_database_url)
            assert await watch.changed(10) is True
            await bus.announce("job_a", "done")
            assert await watch.changed(10) is True


def test_one_of_two_listeners_holds_the_lock_and_the_other_inherits_it(database_url: str) -> None:
    first, second = LockedListener(database_url, 7), LockedListener(database_url, 7)
    assert (first.acquire(), second.acquire()) == (True, False)
    first.close()
    # The server ends a closed session in its own time, and the lock with it.
    limit = time.monotonic() + 20
    while not (held := second.acquire()) and time.monotonic() < limit:
        time.sleep(0.05)
    assert held
    second.close()


def test_a_listener_whose_session_ends_says_so(database_url: str, admin_database_url: str) -> None:
    listener = LockedListener(database_url, 8)
    end_sessions(admin_database_url)
    with pytest.raises(EventsLost):
        listener.wait(30)
    listener.close()


def test_a_waiting_listener_hears_what_is_announced_and_a_stop_ends_its_wait(database_url: str) -> None:
    listener, stop = LockedListener(database_url, 9), Stop()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("select pg_notify('jobs', 'job_a done'), pg_notify('jobs', 'job_b done')")
        assert listener.wait(60, stop)[0] == Event("job_a", "done")
    assert listener.wait(0.01, stop) == []
    began = time.monotonic()
    threading.Timer(0.1, stop).start()
    assert listener.wait(60, stop) == []
    assert stop
    assert time.monotonic() - began < 30
    listener.close()


def end_sessions(url: str) -> None:
    """End every other session of the database, as a restart of the server would."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
