"""What people are shown of a finding is of now, or says how old it is."""

from typing import Any

import pytest
from sqlalchemy import text

from api.findings import render_findings
from graphs.watchdog.alarms import Alarms
from graphs.watchdog.findings import Judgement, Status
from infra.database import Database
from memory.repositories.findings import FindingRepository


def _record(alarms: Alarms, status: Status, said: str) -> None:
    alarms.record([Judgement("queues", status, said)], (), 60.0)


def _said(database: Database) -> str:
    with database.unit_of_work() as session:
        (row,) = FindingRepository(session).list_()
        return row.said


def test_words_about_trouble_are_renewed_as_they_change_and_those_about_none_only_now_and_then(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    alarms = Alarms(database)
    _record(alarms, "warning", "3 jobs wait")
    _record(alarms, "warning", "7 jobs wait")
    assert _said(database) == "7 jobs wait"
    _record(alarms, "ok", "2 jobs wait")
    with database.unit_of_work() as session:
        session.execute(text("update findings set said = 'unchanged'"))
    _record(alarms, "ok", "1 job waits")
    assert _said(database) == "unchanged"
    database.dispose()


@pytest.mark.parametrize(("age_s", "shown"), [(20, "2 jobs wait\n"), (250, "(as read 4 min ago)"), (90_000, "(as read 25 h ago)")])
def test_words_that_are_not_of_this_moment_say_how_old_they_are(capsys: pytest.CaptureFixture[str], age_s: int, shown: str) -> None:
    finding: dict[str, Any] = {"name": "queues", "status": "ok", "said": "2 jobs wait", "fix": "", "age_s": age_s}
    render_findings({"worst": "ok", "findings": [finding]})
    assert shown in capsys.readouterr().out
