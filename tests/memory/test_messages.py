"""The outbox: queued with the caller's work, one key told once, one taker at a time, what failed stays visible."""

from contextlib import suppress
from datetime import timedelta

import pytest

from infra.database import Database
from infra.errors import Invalid
from memory.repositories.messages import LONGEST_BODY, LONGEST_SUBJECT, Delivery, MessageMissing, MessageRepository

DAY = timedelta(days=1)
ADDRESSES = {"a1": "mailto ops@…", "b2": "json hook.example"}


def _queue(database: Database, *keys: str) -> None:
    with database.unit_of_work() as session:
        for key in keys:
            MessageRepository(session).queue(key, "report", "Morning report", "Two videos, $0.12", about={"run_id": "r"})


def _claim(database: Database, lease_s: float = 60.0) -> tuple[Delivery, ...]:
    with database.unit_of_work() as session:
        messages = MessageRepository(session)
        messages.address(ADDRESSES, DAY)
        return messages.claim_due(tuple(ADDRESSES), lease_s)


def test_one_key_is_queued_once_and_goes_with_the_callers_work(database: Database) -> None:
    with suppress(ZeroDivisionError), database.unit_of_work() as session:
        MessageRepository(session).queue("report:1", "report", "a", "b")
        raise ZeroDivisionError
    with database.unit_of_work() as session:
        messages = MessageRepository(session)
        assert messages.find("report:1") is None
        assert messages.queue("report:1", "report", "a\nb", "b" * (LONGEST_BODY + 1), severity="warning")
        assert not messages.queue("report:1", "report", "again", "again")
    with database.unit_of_work() as session:
        messages = MessageRepository(session)
        # A transaction of its own: what one transaction queues is of one moment, and in no order.
        assert messages.queue("report:2", "report", "s" * 999, "b")
        newest, first = messages.list_().items
        assert (first.subject, len(first.body), len(newest.subject)) == ("a b", LONGEST_BODY, LONGEST_SUBJECT)
        with pytest.raises(MessageMissing):
            messages.get("nowhere")


@pytest.mark.parametrize(("key", "severity", "named"), [("k", "loud", "severity"), (" ", "info", "key")])
def test_a_message_without_a_key_or_with_an_unknown_severity_is_refused(database: Database, key: str, severity: str, named: str) -> None:
    with pytest.raises(Invalid, match=named), database.unit_of_work() as session:
        MessageRepository(session).queue(key, "report", "a", "b", severity=severity)


def test_each_address_gets_each_message_once_and_no_two_takers_the_same(database: Database) -> None:
    _queue(database, "one", "two")
    taken = _claim(database)
    assert sorted(one.address for one in taken) == ["a1", "a1", "b2", "b2"]
    assert len({one.message_id for one in taken}) == 2
    assert _claim(database) == ()
    with database.unit_of_work() as session:
        for one in taken:
            MessageRepository(session).mark_sent(one)
    _queue(database, "one")
    assert _claim(database) == ()


def test_what_fails_is_tried_again_and_then_given_up_in_sight(database: Database) -> None:
    _queue(database, "one")
    first, second = _claim(database)
    with database.unit_of_work() as session:
        messages = MessageRepository(session)
        messages.postpone(first, "no answer", 0.0)
        messages.mark_failed(second, "550 no such mailbox")
        assert [(one.status, one.error) for one in messages.deliveries(first.message_id)] == [("failed", "550 no such mailbox"), ("waiting", "no answer")]
    (again,) = _claim(database)
    assert (again.address, again.failures) == (first.address, 1)
    with database.unit_of_work() as session:
        messages = MessageRepository(session)
        messages.mark_sent(first)  # of an attempt that was taken over: changes nothing
        assert {one.status for one in messages.deliveries(first.message_id)} == {"failed", "waiting"}
        assert messages.retry(first.message_id) == 1


def test_a_vanished_takers_delivery_is_taken_again(database: Database) -> None:
    _queue(database, "one")
    assert len(_claim(database, lease_s=0.0)) == 2
    assert {one.failures for one in _claim(database)} == {0}


def test_only_what_is_grave_enough_is_addressed_and_old_messages_are_forgotten(database: Database) -> None:
    _queue(database, "one")
    with database.unit_of_work() as session:
        messages = MessageRepository(session)
        assert (messages.address(ADDRESSES, DAY, "warning"), messages.address(ADDRESSES, timedelta(0))) == (0, 0)
        messages.queue("two", "incident", "a", "b", severity="critical")
        assert messages.address(ADDRESSES, DAY, "warning") == 2
        assert (messages.purge(DAY), messages.purge(timedelta(seconds=-1))) == (0, 2)
