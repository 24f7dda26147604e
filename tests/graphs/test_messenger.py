"""The messenger against servers that really speak SMTP and HTTP: everybody is told once, who bounces is seen, who hangs delays nobody."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from graphs.messenger import MOST_FAILURES, Messenger, wait_s
from infra.database import Database
from infra.events import EventBus
from infra.settings import Settings
from memory.addresses import addresses_of
from memory.media import MediaStore
from memory.repositories.incidents import IncidentRepository
from memory.repositories.messages import Delivery, MessageRepository
from memory.repositories.switches import SwitchRepository
from tests.fixtures.mailbox import hook_server, mail_server, silent_server
from tools.allowlist import ensure_allowed
from tools.base import Args, Result, ToolContext, ToolSpec
from tools.call import JobKey, RunScope, ToolCaller
from tools.registry import Registry, load_constant
from tools.send_message.schema import SendMessageResult

A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)


class Here(ToolCaller):
    """A caller that runs the tool in a thread of this process and, as the kernel does, keeps the result under its key."""

    def __init__(self, database: Database, settings: Settings) -> None:
        super().__init__(database, EventBus(str(settings.database_url)), settings)
        self.here = settings
        self.results: dict[JobKey, Any] = {}

    async def call(self, spec: ToolSpec[A, R], args: A, *, key: JobKey, agent: str, run: RunScope) -> R:  # noqa: ARG002 - the shape of a caller
        ensure_allowed(agent, spec.name)
        if key not in self.results:
            context = ToolContext(settings=self.here, store=MediaStore(self.here.media_root), scratch=self.here.home, job_id=f"job_{key.node}")
            self.results[key] = await asyncio.to_thread(load_constant(Registry().get(spec.name).implementation), args, context)
        return spec.result.model_validate(self.results[key].model_dump())


class Post:
    """A studio that tells its operator, at some addresses."""

    def __init__(self, database: Database, database_url: str, home: Path) -> None:
        self.database, self._url, self._home = database, database_url, home

    def open(self, *addresses: str, **changes: Any) -> Messenger:
        """Return a messenger to these addresses."""
        notify = SecretStr(" ".join(addresses))
        self.settings = Settings(_env_file=None, home=self._home, database_url=self._url, notify=notify, **changes)
        self.caller = Here(self.database, self.settings)
        return Messenger(self.settings, self.database, self.caller)

    def queue(self, key: str, severity: str = "warning") -> None:
        with self.database.unit_of_work() as session:
            MessageRepository(session).queue(key, "incident", f"about {key}", "A strike.", severity)

    def now(self) -> None:
        """Let everything fall due."""
        with self.database.unit_of_work() as session:
            session.execute(text("update message_deliveries set next_at = now() - interval '1 second'"))

    def deliveries(self) -> dict[str, tuple[str, str | None]]:
        with self.database.unit_of_work() as session:
            (message,) = MessageRepository(session).list_().items
            return {one.label.split(" (")[0]: (one.status, one.error) for one in MessageRepository(session).deliveries(message.id)}


@pytest.fixture
def post(database_url: str, tmp_path: Path) -> Iterator[Post]:
    database = Database(database_url)
    yield Post(database, database_url, tmp_path)
    database.dispose()


async def test_mail_and_webhook_are_told_once_each_whatever_is_repeated(post: Post) -> None:
    with mail_server() as mailbox, hook_server() as hooks:
        messenger = post.open(mailbox.address(), hooks.address())
        post.queue("strike:1")
        assert await messenger.turn() == 2
        post.queue("strike:1")
        post.now()
        assert await messenger.turn() == 0
        assert mailbox.subjects == ["[ytempire] about strike:1"]
        assert "A strike." in mailbox.bodies[0]
        assert [one["title"] for one in hooks.said] == ["[ytempire] about strike:1"]
        with post.database.unit_of_work() as session:
            booked = session.execute(text("select provider, operation from cost_entries order by operation")).all()
        assert [tuple(one) for one in booked] == [("notify", "json"), ("notify", "mailto")]


async def test_a_messenger_that_dies_after_sending_sends_nothing_twice(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as mailbox:
        messenger = post.open(mailbox.address())
        post.queue("strike:1")
        dies, close = [True], messenger._close

        def dying(one: Delivery, told: SendMessageResult) -> None:
            if dies.pop():
                raise SystemError
            close(one, told)

        monkeypatch.setattr(messenger, "_close", dying)
        with pytest.raises(SystemError):
            await messenger.turn()
        with post.database.unit_of_work() as session:
            session.execute(text("update message_deliveries set lease_expires_at = now() - interval '1 second'"))
        dies.append(False)
        assert await messenger.turn() == 1
        assert len(mailbox.subjects) == 1


async def test_an_address_that_bounces_is_given_up_in_sight_and_the_others_are_told(post: Post) -> None:
    with mail_server() as mailbox, hook_server() as hooks:
        messenger = post.open(mailbox.address("bounce"), hooks.address())
        post.queue("strike:1")
        assert await messenger.turn() == 1
        told = post.deliveries()
        assert told["mailto localhost"] == ("failed", "E-Mail: the mail server answered 550")
        assert told["json 127.0.0.1"] == ("sent", None)
        with post.database.unit_of_work() as session:
            (incident,) = IncidentRepository(session).list_().items
            assert (incident.kind, incident.severity) == ("address_failed", "info")
            assert "ytempire messages retry" in incident.summary


async def test_a_busy_mailbox_and_a_server_in_trouble_are_tried_again_later(post: Post) -> None:
    with mail_server() as mailbox, hook_server() as hooks:
        messenger = post.open(mailbox.address("busy"), hooks.address())
        hooks.status = 503
        post.queue("strike:1")
        assert await messenger.turn() == 0
        assert {status for status, _ in post.deliveries().values()} == {"waiting"}
        assert await messenger.turn() == 0  # not before its time
        hooks.status = 200
        post.now()
        assert await messenger.turn() == 1
        hooks.status = 404


async def test_a_webhook_that_is_gone_is_refused_for_good(post: Post) -> None:
    with hook_server() as hooks:
        messenger = post.open(hooks.address())
        hooks.status = 404
        post.queue("strike:1")
        await messenger.turn()
        assert post.deliveries()["json 127.0.0.1"] == ("failed", "JSON: the server answered 404")


async def test_a_server_that_hangs_delays_no_other_and_ends_by_itself(post: Post) -> None:
    with silent_server() as port, hook_server() as hooks:
        messenger = post.open(f"json://127.0.0.1:{port}/hook?cto=1&rto=1", hooks.address())
        post.queue("strike:1")
        started = time.monotonic()
        turn = asyncio.create_task(messenger.turn())
        await asyncio.to_thread(hooks.heard.wait, 20)
        assert not turn.done()  # the other one still hangs
        assert await turn == 1
        assert time.monotonic() - started < 30
        with post.database.unit_of_work() as session:
            assert session.scalars(text("select status from message_deliveries order by 1")).all() == ["sent", "waiting"]


@pytest.mark.parametrize("address", ["nonsense", "nosuch://host/x", "mailto://", "json://", "://", "http://[::1"])
async def test_an_address_that_cannot_be_read_is_named_without_its_secret(post: Post, address: str) -> None:
    messenger = post.open(address)
    post.queue("strike:1")
    assert await messenger.turn() == 0
    ((label, (status, error)),) = post.deliveries().items()
    assert (status, "://" in label) == ("failed", False)
    assert "Apprise understands" in (error or "")


async def test_no_secret_of_an_address_reaches_a_row(post: Post) -> None:
    with hook_server() as hooks:
        messenger = post.open(hooks.address("zq7canary"), "slack://zq7canary/BBBBBBBBB/CCCCCCCCCCCCCCCCCCCCCCCC", "mailto://zq7canary:zq7canary@localhost:1")
        post.queue("strike:1")
        await messenger.turn()
        with post.database.unit_of_work() as session:
            for table in ("messages", "message_deliveries", "jobs", "cost_entries", "incidents", "audit_events"):
                assert session.scalar(text(f"select count(*) from {table} as one where one::text like '%zq7canary%'")) == 0, table
    assert not any("zq7" in one.label for one in addresses_of(post.settings))


async def test_a_kill_switch_holds_messages_back_and_without_an_address_nothing_is_done(post: Post) -> None:
    with hook_server() as hooks:
        messenger = post.open(hooks.address())
        with post.database.unit_of_work() as session:
            SwitchRepository(session).engage("provider:notify", "a flood", "ada")
        post.queue("strike:1")
        assert await messenger.turn() == 0
        assert post.deliveries()["json 127.0.0.1"][0] == "waiting"
    quiet = post.open()
    assert await quiet.turn() == 0


async def test_only_what_is_grave_enough_is_sent(post: Post) -> None:
    with hook_server() as hooks:
        messenger = post.open(hooks.address(), notify_level="critical")
        post.queue("report:1", "info")
        post.queue("strike:1", "critical")
        assert await messenger.turn() == 1


def test_waits_grow_to_an_hour_and_end_within_a_day() -> None:
    waits = [wait_s(failures) for failures in range(MOST_FAILURES)]
    assert (waits[0], waits[-1]) == (30.0, 3600.0)
    assert 8 * 3600 < sum(waits) < 24 * 3600
