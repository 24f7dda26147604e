"""Where a fleet that is started over HTTP reports: plain mail addresses, named by a person, through the studio's own mail server."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from api import readiness
from graphs.messenger import Messenger
from infra.embedded.postgres import PostgresUrls
from infra.settings import Settings
from memory.repositories.channels import ChannelRepository
from memory.repositories.heartbeats import HeartbeatRepository
from memory.repositories.messages import MessageRepository
from tests.fixtures.mailbox import mail_server
from tests.fixtures.service import EVERYTHING, Service
from tests.graphs.test_messenger import Here

FLEET = {"hours": 6, "budget_usd": 5, "channels": ["field-notes"], "videos": 1}


@pytest.fixture
def service_settings(settings: Settings, database_urls: PostgresUrls, redis_url: str) -> Settings:
    """Settings with a stack's addresses in them, and the operator's own address at some mail server."""
    urls = {"database_url": database_urls.app, "database_api_url": database_urls.api, "redis_url": redis_url}
    return settings.model_copy(update={**urls, "notify": SecretStr("mailto://smtp.example.org?from=studio@example.org&to=boss@example.org")})


@pytest.fixture(autouse=True)
def kept_up(service: Service) -> None:
    """Let there be the channel, a worker for every queue and everybody who keeps a stack up."""
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure("field-notes", "field-notes", "Field Notes")
        for name in readiness.NEEDED_PROCESSES:
            HeartbeatRepository(session).beat(name)
        for queue in ("io", "cpu", "publish"):
            row = "insert into workers (id, queue, host, pid, process_started, code, media_place, clock_ahead_s) values (%(q)s, %(q)s, 'h', 1, 1, '', '', 0)"
            session.connection().exec_driver_sql(row, {"q": queue})


def due(service: Service) -> None:
    """Let everything fall due."""
    with service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("update message_deliveries set next_at = now() - interval '1 second'")


async def start(service: Service, *addresses: str, path: str = "") -> httpx.Response:
    return await service.client.post(f"/v1/autonomous-runs{path}", json={**FLEET, "report_to": list(addresses)})


async def test_its_reports_go_there_once_and_one_that_bounces_is_shown(service: Service) -> None:
    made = await start(service, "ada@example.org", "bounce@example.org", "ada@example.org")
    assert made.status_code == 202, made.text
    where, run_id = made.headers["location"], made.json()["run_id"]
    assert made.json()["report_to"] == [{"address": f"{who}@example.org", "status": "no report yet", "said": ""} for who in ("ada", "bounce")]
    with service.state.studio.unit_of_work() as session:
        MessageRepository(session).queue(f"report:{run_id}:final", "report", "Final report", "Three videos.", about={"autonomous_run": run_id})
    with mail_server() as mailbox:
        online = service.state.settings.model_copy(update={"network": "auto", "notify": SecretStr(mailbox.address("boss"))})
        messenger = Messenger(online, service.state.studio, Here(service.state.studio, online))
        for _ in range(5):  # a server that is slow to answer is asked again
            await messenger.turn()
            told = (await service.client.get(where)).json()["report_to"]
            if "waiting" not in {one["status"] for one in told} and len(mailbox.subjects) == 2:
                break
            due(service)
    assert mailbox.subjects == ["[ytempire] Final report"] * 2  # to the operator and to ada
    assert [(one["address"], one["status"], "550" in one["said"]) for one in told] == [
        ("ada@example.org", "sent", False),
        ("bounce@example.org", "failed", True),
    ]


@pytest.mark.parametrize("given", ["mailto:ada@example.org", "jsons://ada:hush@example.org/hook", "tgram://hush/chat", "ada", "a@b", "ada@example.org?to=hush"])
async def test_any_other_address_is_refused_with_where_it_is_set_and_not_repeated(service: Service, given: str) -> None:
    refused = await start(service, "ada@example.org", given)
    (broken,) = refused.json()["errors"]
    assert (refused.status_code, broken["field"]) == (422, "body.report_to.1"), refused.text
    assert "`ytempire runs start --report-to`" in broken["message"]
    assert "YTEMPIRE_NOTIFY" in broken["message"]
    assert "hush" not in refused.text


async def test_a_program_sends_no_reports_elsewhere(service: Service) -> None:
    service.asking.sign_in("user_1", EVERYTHING, via="token")
    for path in ("", "/readiness"):
        refused = await start(service, "ada@example.org", path=path)
        assert (refused.status_code, "only a signed-in person says where else reports are sent" in refused.json()["detail"]) == (403, True), refused.text
    assert (await start(service)).status_code == 202


@pytest.mark.parametrize("without", ["", "jsons://example.org/hook"])
async def test_without_a_mail_server_that_is_what_lacks(service: Service, monkeypatch: pytest.MonkeyPatch, without: str) -> None:
    lacking = service.state.settings.model_copy(update={"notify": SecretStr(without) if without else None})
    monkeypatch.setitem(vars(service.state), "settings", lacking)
    refused = await start(service, "ada@example.org")
    problems: dict[str, Any] = {one["field"]: one for one in refused.json()["problems"]}
    assert (refused.status_code, refused.json()["code"], list(problems)) == (409, "not_ready", ["report_to"]), refused.text
    assert "YTEMPIRE_NOTIFY" in problems["report_to"]["fix"]
    looked = (await start(service, "ada@example.org", path="/readiness")).json()
    assert [one["field"] for one in looked["problems"]] == ["report_to"]
