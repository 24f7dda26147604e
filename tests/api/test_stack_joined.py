"""A home's stack, started by one command and joined by a second; and where `ytempire up` says that things are."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from api.stack import Stack
from api.stack_host import StackHost, StackUrls, stack_note
from infra.errors import Conflict, Unavailable
from tests.api.test_stack import ended, home, running, settings_for
from tests.fixtures.desk import Desk

__all__ = ["home"]


def test_a_stack_is_migrated_served_joined_and_ends_with_its_last_client(home: Path) -> None:
    first, second = Stack(settings_for(home)), Stack(settings_for(home))
    with pytest.raises(Unavailable, match="neither started nor joined"):
        _ = first.urls
    urls = first.start()
    assert second.join_or_start() == urls
    pids = first.processes()
    assert set(pids) == {"postgres", "redis", "dispatch", "worker-io-1"}
    with psycopg.connect(first.connected.database_url or "") as connection:
        assert connection.execute("select count(*) from jobs").fetchone() == (0,)
    with pytest.raises(Conflict, match="YTEMPIRE_HOME"):
        Stack(settings_for(home)).start()
    assert stack_note(settings_for(home)).stat().st_mode & 0o077 == 0
    host = json.loads(stack_note(settings_for(home)).read_text())["pid"]
    first.stop()
    assert running(host)
    assert second.processes() == pids
    second.stop()
    assert ended({**pids, "host": host})
    assert not stack_note(settings_for(home)).exists()


def test_up_says_where_things_are_without_a_password_and_how_to_become_the_first_admin(desk: Desk) -> None:
    urls = StackUrls(desk.urls.app, desk.urls.publish, desk.urls.admin, "redis://studio:secret@127.0.0.1:6379/0", desk.urls.api)
    planned: list[str] = []

    def run(host: StackHost, announce: Callable[[StackUrls], None]) -> None:
        host._before()
        planned.extend(unit.name for unit in host._plan(host.settings, urls))
        announce(urls)

    desk.patch.setattr(StackHost, "run", run)
    told = desk.json("up", "--port", "0", "--listen", "10.0.0.5")
    assert {"dispatch", "conductor", "watcher", "watchdog", "server"} <= set(planned)
    assert (told["state"], told["listens"], told["redis"]) == ("ready", "10.0.0.5", "redis://studio@127.0.0.1:6379/0")
    assert told["address"].startswith("http://127.0.0.1:")
    assert told["database"].startswith("postgresql://ytempire_app@/")
    assert told["first_admin"].startswith(f"{told['address']}/setup#")
    said = desk.told("up", "--port", "0", "--listen", "10.0.0.5")
    assert all(words in said for words in ("The stack is up in ", "listens  10.0.0.5 (`ytempire join", "become the first admin at http://127.0.0.1:"))
    desk.told("users", "add", "ada@example.org", "--role", "admin", "--password-stdin", typed="three quiet harbours\n")
    assert "first admin" not in desk.told("up", "--port", "0")
