"""The operator's hand: a token, a reason, a record."""

import os
import stat
from pathlib import Path

import pytest

from infra.database import Database
from infra.errors import Invalid
from infra.operator_token import find_operator_token, make_operator_token
from infra.settings import Settings
from memory.repositories.audit import AuditRepository
from memory.repositories.operators import OperatorUnknown
from memory.switchboard import Switchboard


def test_the_first_token_is_the_operators_and_no_other_is(database: Database) -> None:
    with database.unit_of_work() as session:
        assert Switchboard.with_token(session, "first").operator == "operator"
    for wrong in ("second", "", "First"):
        with pytest.raises(OperatorUnknown), database.unit_of_work() as session:
            Switchboard.with_token(session, wrong)


def test_a_stop_and_a_release_are_on_record_with_who_and_why(database: Database) -> None:
    with database.unit_of_work() as session:
        Switchboard.with_token(session, "token").engage("channel:tide", "wrong voice")
    with database.unit_of_work() as session:
        board = Switchboard.with_token(session, "token")
        assert [(one.scope, one.changed_by) for one in board.list_engaged()] == [("channel:tide", "operator")]
        board.release("channel:tide", "voice changed")
        assert board.list_engaged() == ()
        assert [(one.actor, one.action, one.subject) for one in AuditRepository(session).list_()] == [
            ("operator", "switch.engaged", "channel:tide"),
            ("operator", "switch.released", "channel:tide"),
        ]


@pytest.mark.parametrize(("scope", "reason"), [("everything", "x"), ("provider:", "x"), ("video:1", "x"), ("all", "  "), ("all", "x" * 501)])
def test_a_stop_needs_a_known_scope_and_a_reason(database: Database, scope: str, reason: str) -> None:
    with pytest.raises(Invalid), database.unit_of_work() as session:
        Switchboard.with_token(session, "token").engage(scope, reason)


def test_what_is_not_stopped_cannot_be_released(database: Database) -> None:
    with pytest.raises(Invalid, match="switch list"), database.unit_of_work() as session:
        Switchboard.with_token(session, "token").release("all", "done")


def test_the_token_is_made_once_and_only_its_owner_may_read_it(settings: Settings) -> None:
    assert find_operator_token(settings) is None
    token = make_operator_token(settings)
    assert len(token) > 40
    assert make_operator_token(settings) == find_operator_token(settings) == token
    assert stat.S_IMODE(os.stat(settings.home / "operator.token").st_mode) == 0o600


def test_a_token_in_the_settings_stands_before_the_file(settings: Settings, tmp_path: Path) -> None:
    make_operator_token(settings)
    told = Settings.model_validate({"home": tmp_path / "home", "operator_token": "from elsewhere"})
    assert find_operator_token(told) == "from elsewhere"
