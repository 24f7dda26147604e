"""Quotas over HTTP: what each project holds by the platform's day, what is set aside, what each channel took, and nobody else's channels."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from api.quotas.schemas import ProjectQuota
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.keyring import new_key
from infra.settings import Settings
from memory.records.runs import RunRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.platform_channels import Connection, PlatformChannelRepository
from memory.repositories.quota import QuotaLedger, Spender
from memory.repositories.runs import RunRepository
from memory.vault import Vault
from tests.fixtures.service import Service

PROJECT = "project.apps.googleusercontent.com"


@pytest.fixture
def service_settings(service_settings: Settings) -> Settings:
    """Settings with an OAuth client and a granted limit."""
    return service_settings.model_copy(update={"youtube_client_id": PROJECT, "youtube_quota": "units=12000"})


def spend(service: Service) -> None:
    """Let two tenants' channels be connected, one upload of each be made or planned, and one channel's uploads be closed."""
    now = service.state.clock.now()
    with service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("insert into tenants (id, name) values ('tenant_other', 'Other')")
        for channel, tenant in (("pulse", "tenant_local"), ("theirs", "tenant_other")):
            ChannelRepository(session).ensure(channel, "pulse", channel, tenant)
        RunRepository(session).create(RunRecord(id="run_pulse", channel_id="pulse", request={}, provenance="real"))
        ledger = QuotaLedger(session, now, service.state.settings.youtube_granted)
        ledger.plan(Spender(PROJECT, "run_pulse", "pulse"), ("videos.insert", "thumbnails.set"))
        ledger.spend(Spender(PROJECT, "run_pulse", "pulse"), "thumbnails.set")
        ledger.spend(Spender(PROJECT, "other", "theirs"), "videos.list")
        ledger.close_channel("pulse", now + timedelta(hours=2))


async def test_what_is_spent_set_aside_and_left_is_told_by_project_and_account(service: Service, database_urls: PostgresUrls) -> None:
    spend(service)
    connect(database_urls)
    answer = await service.client.get(f"/v1/quotas/{PROJECT}")
    assert answer.status_code == 200, answer.text
    found = ProjectQuota.model_validate_json(answer.content)
    assert (found.zone, found.resets_at.astimezone(ZoneInfo(found.zone)).hour) == ("America/Los_Angeles", 0)
    units = next(one for one in found.buckets if one.bucket == "units")
    assert (units.limit, units.left) == (12000, 12000 - units.spent - units.reserved)
    assert units.spent > 1
    (account,) = found.accounts
    assert (account.channel, account.title, account.reason) == ("pulse", "Pulse", "the platform said the channel has uploaded enough")
    assert sum(account.reserved.values()) == sum(one.reserved for one in found.buckets) > 0
    assert account.spent["units"] == units.spent - 1
    assert account.uploads_closed_until is not None
    unchanged = await service.client.get(f"/v1/quotas/{PROJECT}", headers={"if-none-match": answer.headers["etag"]})
    assert unchanged.status_code == 304
    assert (await service.client.get("/v1/quotas")).json()["items"] == [answer.json()]


async def test_another_tenant_is_told_what_is_left_and_of_its_own_channels_only(service: Service) -> None:
    spend(service)
    mine = (await service.client.get(f"/v1/quotas/{PROJECT}")).json()
    service.asking.sign_in("user_2", tenant="tenant_other")
    theirs = (await service.client.get(f"/v1/quotas/{PROJECT}")).json()
    assert theirs["buckets"] == mine["buckets"]
    assert theirs["accounts"] == []
    assert (await service.client.get("/v1/quotas/unknown")).json()["code"] == "quota_missing"


async def test_without_a_project_there_is_no_quota_to_tell(service: Service) -> None:
    object.__setattr__(service.state, "settings", service.state.settings.model_copy(update={"youtube_client_id": None}))
    assert (await service.client.get("/v1/quotas")).json()["items"] == []


def connect(urls: PostgresUrls) -> None:
    """Let the first tenant's channel be connected, as whoever publishes does it."""
    database = Database(urls.publish, pool_size=1)
    with database.unit_of_work() as session:
        new = Connection("pulse", "UCpulse", "Pulse", PROJECT, "real", "UUpulse", ())
        PlatformChannelRepository(session).connect(new, "refresh", Vault([new_key()]))
    database.dispose()
