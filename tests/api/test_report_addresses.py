"""Reports of one run go to addresses of its own: checked before it starts, told once each, and seen when they bounce."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from api.autonomous_runs import Order, create, describe
from api.cli import build
from api.report_addresses import labels_of, message_state, read_addresses
from api.stack import Stack
from graphs.autonomous_request import read_request
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import Invalid
from infra.settings import Settings
from memory.addresses import report_addresses
from memory.records.tenants import LOCAL_TENANT, TenantRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.messages import MessageRepository
from tests.fixtures.mailbox import hook_server, mail_server
from tests.graphs.test_messenger import Post

SERVER = "mailto://user:hush@smtp.example.org?to=boss@example.org&from=studio@example.org"


def _settings(notify: str | None = None) -> Settings:
    return Settings(_env_file=None, notify=SecretStr(notify) if notify else None)


@pytest.fixture
def post(database_url: str, tmp_path: Path) -> Iterator[Post]:
    database = Database(database_url)
    yield Post(database, database_url, tmp_path)
    database.dispose()


@pytest.mark.parametrize(
    ("given", "notify", "said"),
    [
        ("ada@example.org", None, "needs a mail server"),
        ("ada", SERVER, "'ada' is no address that messages can be sent to"),
        ("https://example.org/hook", SERVER, "give ada@example.org, or an Apprise URL"),
        ("nonsense://hush@example.org", SERVER, "number 1 (nonsense://...)"),
    ],
)
def test_a_malformed_address_is_refused_with_the_option_and_the_fix_and_its_secrets_are_not_repeated(given: str, notify: str | None, said: str) -> None:
    with pytest.raises(Invalid, match="^--report-to: ") as refused:
        read_addresses([given], _settings(notify))
    assert said in refused.value.message
    assert "hush" not in refused.value.message


def test_a_plain_mail_address_goes_through_the_studios_own_server_and_to_nobody_else() -> None:
    settings = _settings(SERVER)
    assert read_addresses(["ada@example.org", " ada@example.org", "mailto:bo@example.org"], settings) == ("ada@example.org", "mailto:bo@example.org")
    (ada,) = report_addresses(["ada@example.org"], settings)
    assert (ada.label, ada.url) == ("ada@example.org", "mailto://user:hush@smtp.example.org?from=studio%40example.org&to=ada%40example.org")
    assert report_addresses(["ada@example.org"], _settings()) == ()
    with pytest.raises(Invalid, match="at most 10"):
        read_addresses([f"a{number}@example.org" for number in range(11)], settings)


def test_the_command_refuses_it_before_anything_is_started(tmp_path: Path) -> None:
    line = ["runs", "start", "--hours", "1", "--channels", "deep-orbit", "--budget", "1", "--report-to", "ada"]
    done = CliRunner().invoke(build(), line, env={"YTEMPIRE_HOME": str(tmp_path / "home")})
    assert done.exit_code == 2
    assert done.stderr.startswith("error: --report-to: 'ada'")
    assert not (tmp_path / "home" / "services").exists()


async def test_each_address_of_its_own_gets_its_reports_once_and_one_that_bounces_is_shown_and_stops_nothing(post: Post) -> None:
    with mail_server() as mailbox, hook_server() as hooks:
        messenger = post.open(mailbox.address("boss"))
        given = (mailbox.address("bounce"), hooks.address())
        run_id = _begin(post, given)
        with post.database.unit_of_work() as session:
            queue = MessageRepository(session).queue
            queue(f"report:{run_id}:final", "report", "Final report", "Three videos.", about={"autonomous_run": run_id})
            queue("report:other:final", "report", "Another run's", "None.", about={"autonomous_run": "auto_other"})
            queue("strike:1", "incident", "A strike", "Look.", about={"autonomous_run": run_id})
        for _ in range(2):
            await messenger.turn()
            post.now()
        assert sorted(mailbox.subjects) == ["[ytempire] A strike", "[ytempire] Another run's", "[ytempire] Final report"]
        assert [one["title"] for one in hooks.said] == ["[ytempire] Final report"]
        body = _described(post, run_id)
    assert [one["status"] for one in body["report_to"]] == ["failed", "sent"]
    assert "550" in body["report_to"][0]["said"]
    assert body["status"] == "planning"
    stack = SimpleNamespace(settings=post.settings, urls=SimpleNamespace(database=str(post.settings.database_url)))
    told = message_state(cast(Stack, stack))
    assert (told.status, "550" in told.limits, "ytempire messages retry" in told.better) == ("limited", True, True)
    with post.database.unit_of_work() as session:
        kept = session.execute(text("select request::text || (select details::text from audit_events limit 1) from autonomous_runs")).scalar()
        assert "bounce@" not in str(kept)


async def test_an_ended_runs_addresses_hear_nothing_new_after_a_day(post: Post) -> None:
    post.open()
    run_id = _begin(post, ("json://localhost:1/a",))
    with post.database.unit_of_work() as session:
        session.execute(text("update autonomous_runs set status = 'ended', ended_at = now() - interval '2 days'"))
        assert AutonomousRunRepository(session).list_reporting(timedelta(hours=24)) == {}
        assert AutonomousRunRepository(session).list_reporting(timedelta(hours=72)) == {run_id: ("json://localhost:1/a",)}


def _begin(post: Post, given: tuple[str, ...]) -> str:
    values: dict[str, Any] = {"channels": ("deep-orbit",), "hours": 2, "budget_usd": 1, "offline": True}
    request = read_request({**values, "report_to": labels_of(given, post.settings)})
    with post.database.unit_of_work() as session:
        session.merge(TenantRecord(id=LOCAL_TENANT, name="This studio"))
        session.flush()
        run = create(session, post.settings, request, Order(report_to=given))
        assert run.starts_at <= SYSTEM_CLOCK.now()
        return run.id


def _described(post: Post, run_id: str) -> dict[str, Any]:
    with post.database.unit_of_work() as session:
        return describe(session, AutonomousRunRepository(session).get(run_id))


def test_addresses_are_out_of_a_tenants_reach(post: Post, database_urls: PostgresUrls) -> None:
    given = ("jsons://ada:secret@example.org/hook",)
    post.open()
    run_id = _begin(post, given)
    with post.database.unit_of_work() as session:
        assert AutonomousRunRepository(session).addresses(run_id) == given
        assert "secret" not in str(AutonomousRunRepository(session).get(run_id).request)
    with psycopg.connect(database_urls.api) as connection:
        connection.execute("select set_config('ytempire.tenant', 'tenant_local', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from report_addresses")
