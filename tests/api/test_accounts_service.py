"""Accounts over HTTP: an owner consents in the browser that asked, once and in time; what holds is told, what is revoked is gone at the platform too."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from api.app import create_app
from api.server import open_service
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.keyring import new_key
from infra.settings import Settings
from memory.records.runs import RunRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.messages import MessageRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunRepository
from memory.vault import Vault
from tests.fixtures.hands import Hands, let_serve
from tests.fixtures.service import EVERYTHING, Asking, Service
from tools.sandbox import Sandbox
from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_faults import Plays
from tools.vendors.youtube.sandbox_world import World

CLIENT = ("sandbox.apps.googleusercontent.com", "sandbox-secret")
CHANNEL = "field-notes"
WHERE = f"/v1/accounts/{CHANNEL}"


@dataclass
class Desk:
    """The service of a studio with one channel, the platform, and what stands where the workers that publish stand."""

    service: Service
    world: World
    hands: Hands
    publishing: Database

    async def connect(self, channel: str = CHANNEL, **order: Any) -> httpx.Response:
        return await self.service.client.post(f"/v1/accounts/{channel}/connect", json=order)

    async def consent(self, url: str) -> str:
        """Follow the address as the owner's browser does, and return the address on which Google sends it back."""
        async with httpx.AsyncClient() as browser:
            answer = await browser.get(url)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])

    async def back(self, address: str) -> httpx.Response:
        parts = urlsplit(address)
        return await self.service.client.get(f"{parts.path}?{parts.query}")

    async def connected(self, account: str = "UCnotes") -> httpx.Response:
        begun = (await self.connect(account=account)).json()
        return await self.back(await self.consent(begun["url"]))

    def actions(self) -> list[str]:
        with self.service.state.studio.unit_of_work() as session:
            return [event.action for event in AuditRepository(session).list_()]


@pytest.fixture
async def desk(service_settings: Settings, database_urls: PostgresUrls, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """An admin's view of a studio with the stand-in as its platform."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    world = World()
    world.add_account("UCnotes", "Field Notes")
    asking = Asking()
    asking.sign_in()
    async with AsyncExitStack() as stack:
        server = stack.enter_context(Sandbox(youtube_app(world, Plays())))
        told = {"youtube_client_id": CLIENT[0], "youtube_base_url": server.url, "hosts": "studio.example"}
        # As the stack starts them: the server knows neither the client's secret nor the key, the worker both, and only its role reads consents.
        secrets = {"youtube_client_secret": SecretStr(CLIENT[1]), "token_keys": SecretStr(new_key()), "database_url": database_urls.publish}
        hands = Hands(service_settings.model_copy(update={**told, **secrets}))
        opened = await stack.enter_async_context(open_service(service_settings.model_copy(update=told)))
        state = replace(opened, caller=hands)  # type: ignore[arg-type]
        app = create_app(state, asking.authenticate)
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://127.0.0.1:8000")
        )
        with state.studio.unit_of_work() as session:
            ChannelRepository(session).ensure(CHANNEL, CHANNEL, "Field Notes")
        let_serve(state.studio, "publish")
        publishing = Database(database_urls.publish, pool_size=1)
        yield Desk(Service(app, state, client, asking), world, hands, publishing)
        publishing.dispose()


async def test_an_owner_consents_in_the_browser_that_asked(desk: Desk) -> None:
    made = await desk.connect(account="UCnotes")
    assert made.status_code == 201, made.text
    begun = made.json()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun["url"]).query).items()}
    assert (asked["code_challenge_method"], asked["access_type"], asked["client_id"]) == ("S256", "offline", CLIENT[0])
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/v1/oauth/youtube"
    assert {"HttpOnly", "SameSite=lax", "Path=/v1/oauth/youtube"} <= set(made.headers["set-cookie"].split("; "))
    assert (await desk.service.client.get(made.headers["location"])).json()["status"] == "asked"
    shown = await desk.back(await desk.consent(begun["url"]))
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "The channel publishes to Field Notes from now on." in shown.text
    assert (await desk.service.client.get(made.headers["location"])).json()["status"] == "connected"
    account = (await desk.service.client.get(WHERE)).json()
    assert (account["external_id"], account["state"], account["healthy"], account["provenance"]) == ("UCnotes", "active", True, "rehearsal")
    assert desk.actions()[:2] == ["account.consent_asked", "account.consent_answered"]
    # What was answered went to the job by name only, and nothing of it is left.
    assert set(desk.hands.called[0][1]) == {"request"}
    with desk.publishing.unit_of_work() as session:
        assert session.connection().exec_driver_sql("select count(*) from consent_secrets").scalar_one() == 0
        keys = desk.hands.settings.token_keys
        assert keys is not None
        assert PlatformChannelRepository(session).open_token(CHANNEL, Vault([keys.get_secret_value()])) == desk.world.accounts["UCnotes"].refresh_token


async def test_an_answer_is_taken_once_in_time_and_from_that_browser_only(desk: Desk) -> None:
    first, second = (await desk.connect()).json()["url"], (await desk.connect()).json()["url"]
    replaced = await desk.back(await desk.consent(first))
    assert (replaced.status_code, "asked again" in replaced.text) == (409, True)
    address = await desk.consent(second)
    cookies = dict(desk.service.client.cookies)
    desk.service.client.cookies.clear()
    other = await desk.back(address)
    assert (other.status_code, "this browser did not ask" in other.text) == (404, True)
    desk.service.client.cookies.update(cookies)
    with desk.service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("update consent_requests set expires_at = now() where status = 'asked'")
    late = await desk.back(address)
    assert (late.status_code, "more than ten minutes" in late.text) == (409, True)
    with desk.service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("update consent_requests set expires_at = now() + interval '1 minute' where status = 'asked'")
    assert (await desk.back(address)).status_code == 200
    assert (await desk.back(address)).status_code == 409
    assert [effect.operation for effect in desk.world.effects].count("oauth.grant") == 1


async def test_what_did_not_come_to_a_consent_is_told_on_the_page_and_in_the_request(desk: Desk) -> None:
    begun = await desk.connect()
    state = parse_qs(urlsplit(begun.json()["url"]).query)["state"][0]
    refused = await desk.back(f"/v1/oauth/youtube?state={state}&error=access_denied%3Cb%3E")
    assert (refused.status_code, "access_denied&lt;b&gt;" in refused.text) == (422, True)
    assert (await desk.service.client.get(begun.headers["location"])).json()["reason"] == "access_denied<b>"
    again = await desk.connect()
    state = parse_qs(urlsplit(again.json()["url"]).query)["state"][0]
    stolen = await desk.back(f"/v1/oauth/youtube?state={state}&code=another")
    assert "invalid_grant" in stolen.text
    told = (await desk.service.client.get(again.headers["location"])).json()
    assert (told["status"], "invalid_grant" in told["reason"]) == ("failed", True)
    assert (await desk.service.client.get(WHERE)).status_code == 404
    nowhere = await desk.service.client.post(f"{WHERE}/connect", json={}, headers={"host": "studio.example"})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "host")
    assert (await desk.connect("nobody")).status_code == 404


async def test_a_second_channel_cannot_have_the_same_account(desk: Desk) -> None:
    assert (await desk.connected()).status_code == 200
    with desk.service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("insert into tenants (id, name) values ('tenant_other', 'Other')")
        ChannelRepository(session).ensure("theirs", "pulse", "Pulse", "tenant_other")
    desk.service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await desk.connect()).status_code == 404
    begun = (await desk.connect("theirs")).json()
    shown = await desk.back(await desk.consent(begun["url"]))
    assert (shown.status_code, CHANNEL in shown.text) == (409, False)
    assert "somebody else" in shown.text
    desk.service.asking.sign_in()
    assert (await desk.service.client.get(f"/v1/accounts/theirs/consents/{begun['id']}")).status_code == 404


async def test_whether_a_consent_holds_is_asked_of_the_platform(desk: Desk) -> None:
    assert (await desk.service.client.post(f"{WHERE}/check")).status_code == 404
    await desk.connected()
    before = (await desk.service.client.get(WHERE)).json()["verified_at"]
    found = (await desk.service.client.post(f"{WHERE}/check")).json()
    assert (found["ok"], found["said"], found["account"]["verified_at"] > before) == (True, "the consent opens Field Notes", True)
    desk.world.accounts["UCnotes"].revoked = True
    ended = (await desk.service.client.post(f"{WHERE}/check")).json()
    assert (ended["ok"], ended["trouble"], ended["account"]["healthy"], ended["account"]["state"]) == (False, "consent", False, "needs_owner")


async def test_a_revoked_account_is_gone_at_the_platform_and_everybody_is_told(desk: Desk) -> None:
    await desk.connected()
    with desk.service.state.studio.unit_of_work() as session:
        RunRepository(session).create(RunRecord(id="run_going", channel_id=CHANNEL, request={"seconds": 60}, provenance="rehearsal"))
    assert (await desk.service.client.post(f"{WHERE}/revoke", json={})).status_code == 422
    body, once = {"reason": "the owner left"}, {"idempotency-key": "gone"}
    done = await desk.service.client.post(f"{WHERE}/revoke", json=body, headers=once)
    assert (done.status_code, done.json()["title"], done.json()["runs_told"]) == (200, "Field Notes", ["run_going"])
    assert (await desk.service.client.post(f"{WHERE}/revoke", json=body, headers=once)).json() == done.json()
    assert desk.world.accounts["UCnotes"].revoked
    assert [effect.operation for effect in desk.world.effects].count("oauth.revoke") == 1
    assert (await desk.service.client.get(WHERE)).status_code == 404
    with desk.service.state.studio.unit_of_work() as session:
        (message,) = MessageRepository(session).list_().items
        told = [event.kind for event in RunEventRepository(session).list_("run_going")]
        events = (
            session.connection().exec_driver_sql("select kind from events where kind like 'account.%%' and channel_id is not null order by id").scalars().all()
        )
    assert ("run_going" in message.body, "the owner left" in message.body, message.severity) == (True, True, "warning")
    assert (told, list(events)) == (["account.revoked"], ["account.connected", "account.disconnected"])
    assert desk.actions()[-1] == "account.revoked"


async def test_who_may_not_and_nobody_to_do_it(desk: Desk) -> None:
    desk.service.asking.sign_in(scopes=EVERYTHING - {"accounts:connect"})
    assert (await desk.connect()).status_code == 403
    desk.service.asking.sign_in()
    with desk.service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("delete from workers")
    refused = await desk.connect()
    assert (refused.status_code, refused.json()["code"]) == (503, "queue_unserved")


async def test_only_who_publishes_reads_what_was_answered(desk: Desk) -> None:
    await desk.connect()
    asked = "select has_column_privilege('consent_secrets', 'verifier', 'select')"
    for database, may in ((desk.service.state.studio, False), (desk.service.state.database, False), (desk.publishing, True)):
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql(asked).scalar_one() is may
