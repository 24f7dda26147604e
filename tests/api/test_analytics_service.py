"""Analytics and accounts over HTTP: every figure with its age, and why there is none where there is none."""

from datetime import timedelta

import pytest

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.ids import new_id
from memory.readings import NewReading
from memory.records.platform_channels import PlatformChannelRecord
from memory.records.runs import RunRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.checks import CheckRepository
from memory.repositories.heartbeats import HeartbeatRepository
from memory.repositories.outcomes import OutcomeRepository
from memory.repositories.publications import NewPublication, PublicationRepository
from memory.repositories.readings import ReadingRepository
from tests.fixtures.service import Service


def publish(service: Service, publisher: str = "youtube", *, shown: bool = True) -> str:
    """Leave a publication of a run of its own."""
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure("pulse", "pulse", "Pulse")
        run = RunRecord(id=new_id("run"), channel_id="pulse", request={}, provenance="real")
        session.add(run)
        session.flush()
        made = PublicationRepository(session).create(NewPublication(run.id, run.id, "pulse", publisher, "real", "0" * 64))
        made.published_at = SYSTEM_CLOCK.now() if shown else None
        return made.id


def read(service: Service, publication: str, age: timedelta, **values: int) -> None:
    """Let the platform have told this about a publication."""
    with service.state.studio.unit_of_work() as session:
        ReadingRepository(session, SYSTEM_CLOCK.now() - age).keep("pulse", "real", [NewReading("statistics", publication, values, publication)])


async def test_a_figure_has_the_age_of_its_reading(service: Service) -> None:
    known = publish(service)
    read(service, known, timedelta(hours=2), views=321, likes=0)
    told = (await service.client.get(f"/v1/analytics/videos/{known}")).json()
    assert told["figures"]["views"]["value"] == 321
    assert 7200 <= told["figures"]["views"]["age_s"] < 7260
    assert told["figures"]["likes"] == {"value": 0, "age_s": told["figures"]["views"]["age_s"], "why": ""}
    assert told["figures"]["comments"]["value"] is None
    assert "did not tell it" in told["figures"]["comments"]["why"]
    assert told["figures"]["ctr"] == {"value": None, "age_s": None, "why": "the platform tells reach by day, after two days"}


@pytest.mark.parametrize(
    ("publisher", "shown", "why"),
    [("library", True, "the local library counts nothing"), ("youtube", False, "it is not shown yet; it is intent"), ("youtube", True, "no look is planned")],
)
async def test_where_there_is_no_figure_it_says_why(service: Service, publisher: str, shown: bool, why: str) -> None:
    told = (await service.client.get(f"/v1/analytics/videos/{publish(service, publisher, shown=shown)}")).json()
    assert told["figures"]["views"]["value"] is None
    assert told["figures"]["views"]["why"].startswith(why)


async def test_what_has_expired_is_not_known_any_more(service: Service) -> None:
    known = publish(service)
    read(service, known, timedelta(days=31), views=5)
    assert (await service.client.get(f"/v1/analytics/videos/{known}")).json()["figures"]["views"]["value"] is None


async def test_a_look_to_come_is_named(service: Service) -> None:
    known = publish(service)
    with service.state.studio.unit_of_work() as session:
        run = PublicationRepository(session).get(known).run_id
        session.connection().exec_driver_sql(
            "insert into checks (id, publication_id, run_id, channel_id, kind, due_at) values ('c', %(publication)s, %(run)s, 'pulse', '1h', now())",
            {"publication": known, "run": run},
        )
        assert CheckRepository(session).list_(known)
    told = (await service.client.get(f"/v1/analytics/videos/{known}")).json()
    assert "the first look is due at" in told["figures"]["views"]["why"]
    assert told["looks"][0]["check"] == "1h"


async def test_a_channel_sums_what_is_known_and_says_what_is_not(service: Service) -> None:
    first, second, unknown = publish(service), publish(service), publish(service)
    read(service, first, timedelta(hours=3), views=10)
    read(service, second, timedelta(hours=1), views=5)
    views = (await service.client.get("/v1/analytics/channels/pulse")).json()["figures"]["views"]
    assert (views["value"], views["known_of"], views["why"]) == (15, 2, "1 of 3 publications are not known and not counted")
    assert views["age_s"] >= 10_800
    page = (await service.client.get("/v1/analytics/videos", params={"channel": "pulse", "limit": 2})).json()
    rest = (await service.client.get("/v1/analytics/videos", params={"channel": "pulse", "limit": 2, "cursor": page["next"]})).json()
    assert {one["publication"] for one in (*page["items"], *rest["items"])} == {first, second, unknown}
    assert (await service.client.get("/v1/analytics/channels/nobody")).status_code == 404
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/analytics/videos")).json()["items"] == []
    assert (await service.client.get(f"/v1/analytics/videos/{first}")).status_code == 404
    assert (await service.client.get("/v1/analytics/channels/pulse")).status_code == 404


async def test_what_was_told_is_kept_until_a_figure_of_it_changes(service: Service) -> None:
    known, counts = publish(service), service.state.cache.counts
    read(service, known, timedelta(hours=2), views=321)
    await service.state.cache.settle()
    told = [(await service.client.get(f"/v1/analytics/videos/{known}")).json() for _ in range(3)]
    assert told[0] == told[1] == told[2]
    assert (counts["channel_analytics", "miss"], counts["channel_analytics", "hit"]) == (1, 2)
    assert told[0]["freshness"]["source"] == "database"
    assert told[0]["freshness"]["as_of"] == told[0]["freshness"]["read_at"]
    read(service, known, timedelta(hours=1), views=400)
    await service.state.cache.settle()
    assert (await service.client.get(f"/v1/analytics/videos/{known}")).json()["figures"]["views"]["value"] == 400
    assert (await service.client.get("/v1/analytics/channels/pulse")).json()["figures"]["views"]["value"] == 400


async def test_a_replica_answers_and_says_how_new_it_is_and_a_change_that_it_lacks_is_not_missed(service: Service) -> None:
    known = publish(service)
    read(service, known, timedelta(hours=2), views=321)
    await service.state.cache.settle()
    state = service.state
    state.analytics.replica = Database(state.settings.database_api_url or "", pool_size=1, options="-c default_transaction_read_only=on")
    # Nothing of what is told was changed since this beat, as far as anybody heard.
    state.cache._begun_at = 0.0
    state.cache._changed_at.clear()
    with state.studio.unit_of_work() as session:
        HeartbeatRepository(session).beat("server")
    first = (await service.client.get(f"/v1/analytics/videos/{known}")).json()
    assert (first["freshness"]["source"], first["figures"]["views"]["value"]) == ("replica", 321)
    assert first["freshness"]["as_of"] <= first["freshness"]["read_at"]
    read(service, known, timedelta(hours=1), views=400)
    await state.cache.settle()
    second = (await service.client.get(f"/v1/analytics/videos/{known}")).json()
    assert (second["freshness"]["source"], second["figures"]["views"]["value"]) == ("database", 400)


async def test_an_account_tells_how_its_consent_stands_and_never_the_consent(service: Service) -> None:
    publish(service)
    with service.state.studio.unit_of_work() as session:
        about = {"external_id": "UC1", "title": "Pulse", "project": "p", "provenance": "real", "uploads_playlist": "UU1", "scopes": ["a"]}
        session.add(PlatformChannelRecord(channel_id="pulse", state="needs_owner", reason="the owner took it back", **about))
    (told,) = (await service.client.get("/v1/accounts")).json()["items"]
    assert (told["external_id"], told["healthy"], told["reason"]) == ("UC1", False, "the owner took it back")
    assert (await service.client.get("/v1/accounts/pulse")).json() == told
    assert "token" not in (await service.client.get("/v1/accounts")).text
    assert (await service.client.get("/v1/accounts/nobody")).status_code == 404


async def test_the_studios_figures_over_time_are_told_with_how_new_they_are(service: Service) -> None:
    publish(service)
    with service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("update runs set status = 'published', finished_at = now()")
    await service.state.cache.settle()
    days = (await service.client.get("/v1/analytics/productions", params={"days": 3, "channel": "pulse"})).json()
    assert [one["published"] for one in days["days"]] == [0, 0, 1]
    assert days["freshness"]["source"] == "database"
    assert sum(one["published"] for one in (await service.client.get("/v1/analytics/productions", params={"channel": "other"})).json()["days"]) == 0
    moments = (await service.client.get("/v1/analytics/waiting", params={"hours": 6})).json()["moments"]
    assert [(one["queues"], one["approvals"]) for one in moments] == [({}, 0)] * 49
    assert (await service.client.get("/v1/analytics/recoveries")).json()["items"] == []
    assert (await service.client.get("/v1/analytics/forecasts", params={"channel": "pulse"})).json()["items"] == []
    for path, asked in (("productions", {"days": 91}), ("waiting", {"hours": 0}), ("recoveries", {"days": 0}), ("forecasts", {"channel": "NO"})):
        refused = await service.client.get(f"/v1/analytics/{path}", params=asked)
        assert (refused.status_code, refused.json()["errors"][0]["field"].rpartition(".")[2]) == (422, next(iter(asked)))


async def test_what_was_expected_is_told_beside_what_was_measured(service: Service) -> None:
    known = publish(service)
    with service.state.studio.unit_of_work() as session:
        outcomes = OutcomeRepository(session)
        outcomes.predict(known, {"title": "Tides"})
        outcomes.settle(known, {"signs": []}, {"attention_48h": {"expected": 0.4, "measured": 0.1}}, None)
    (told,) = (await service.client.get("/v1/analytics/forecasts")).json()["items"]
    assert (told["publication"], told["title"], told["expected"], told["measured"], told["why"]) == (known, "Tides", 0.4, 0.1, "")
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/analytics/forecasts")).json()["items"] == []
