"""Each type of incident is seeded where its signal really is, and the next look, notice or turn finds it and does what the channel allows."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from agents import crisis_monitor
from graphs.polling import RESERVED_UNITS
from graphs.reversal import NothingToDo
from infra.clock import SYSTEM_CLOCK
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.incident_actions import ActionClosed
from memory.repositories.incidents import IncidentRepository
from memory.repositories.jobs import JobView
from memory.repositories.messages import MessageRepository
from tests.graphs.platform_desk import CHANNEL, open_desk
from tests.graphs.watchtower import CALLED_FOR_BY, NOTICES, RUN, SEEN_BY_LOOKING, Seed, Tower
from tests.tools.upload_video.conftest import Rig
from tests.tools.upload_video.conftest import rig as publishing_rig
from tools.call import JobFailed, JobKey, RunScope
from tools.read_audience.schema import SPEC as READ_AUDIENCE

__all__ = ["publishing_rig"]


@pytest.fixture
def rig(publishing_rig: Rig) -> Rig:
    publishing_rig.clock.at = SYSTEM_CLOCK.now()
    return publishing_rig


@pytest.fixture
async def tower(rig: Rig) -> Tower:
    tower = Tower(open_desk(rig, youtube_derived_scores=True, mail_authserv="mx.example"))
    await tower.crisis.turn()
    return tower


@pytest.mark.parametrize(("kind", "seed", "done"), SEEN_BY_LOOKING, ids=[one[0] for one in SEEN_BY_LOOKING])
async def test_a_look_finds_what_was_seeded_and_says_where_it_was_seen(tower: Tower, kind: str, seed: Seed, done: set[str]) -> None:
    seed(tower)
    polled = await tower.look()
    assert polled.watched is not None, polled.reason
    assert kind in {sign.kind for sign in polled.watched.signs}
    incident = tower.incident(polled.watched.signs[0].kind)
    assert (incident.signal, incident.confidence is not None) == (crisis_monitor.SIGNALS[polled.watched.signs[0].kind], True)
    acted = tower.acts(incident.kind)
    assert {one.action for one in acted.values() if one.status == "done"} == done
    assert all(one.reversible for one in acted.values() if one.status == "done")
    with tower.rig.database.unit_of_work() as session:
        assert [one.key for one in MessageRepository(session).list_().items] == [f"incident:{incident.id}:{incident.severity}"]


@pytest.mark.parametrize(("kind", "body", "done"), NOTICES, ids=[one[0] for one in NOTICES])
async def test_a_notice_that_our_mail_server_vouches_for_is_answered_at_the_next_turn(tower: Tower, kind: str, body: str, done: set[str]) -> None:
    tower.mail(body)
    await tower.crisis.turn()
    acted = tower.acts(kind)
    assert {one.action for one in acted.values() if one.status == "done"} == done
    assert all(not one.reversible and one.status == "wanted" for one in acted.values() if one.action in crisis_monitor.IRREVERSIBLE)
    assert tower.privacy() == ("unlisted" if "unlist" in done else "public")
    inbox = tower.rig.settings.home / "inbox"
    assert [path.name for path in (inbox / "cur").iterdir()] == ["one.eml"]
    tower.mail(body, "again.eml")
    await tower.crisis.turn()
    assert len([one for one in tower.incident(kind).timeline if one["what"] == "opened"]) == 1


async def test_a_forged_strike_and_a_mail_that_cannot_be_read_stop_nothing(tower: Tower) -> None:
    tower.mail("Your channel received a copyright strike for", checked="")
    (tower.rig.settings.home / "inbox" / "broken.eml").write_bytes(b"\x00" * 10)
    await tower.crisis.turn()
    assert {one.status for one in tower.acts("copyright_strike").values()} == {"wanted"}
    assert (tower.rig.settings.home / "inbox" / "refused" / "broken.eml").exists()
    with tower.rig.database.unit_of_work() as session:
        channel = ChannelRepository(session).get(CHANNEL)
        assert (channel.paused, channel.held_until) == (False, None)


async def test_a_lost_consent_holds_the_queue_until_the_owner_consents_again(tower: Tower) -> None:
    with tower.rig.database.unit_of_work() as session:
        session.execute(text("update platform_channels set state = 'needs_owner', reason = 'revoked' where channel_id = :channel"), {"channel": CHANNEL})
    await tower.crisis.turn()
    assert set(tower.acts("consent_lost")) == {"hold"}
    await tower.crisis.turn()
    with tower.rig.database.unit_of_work() as session:
        session.execute(text("update platform_channels set state = 'active', reason = ''"))
    await tower.crisis.turn()
    assert tower.incident("consent_lost").status == "resolved"
    with tower.rig.database.unit_of_work() as session:
        assert ChannelRepository(session).get(CHANNEL).held_until is None


async def test_what_is_said_between_two_countings_is_new_when_it_is_read(tower: Tower) -> None:
    tower.desk.say("Lovely")
    await tower.look()
    tower.rig.advance(minutes=1)
    tower.desk.say("I will find you", "kill yourself", "you deserve to die")
    quiet, told, after = [(await tower.look()).watched for _ in range(3)]
    assert quiet is not None
    assert told is not None
    assert after is not None
    assert [[sign.kind for sign in one.signs] for one in (quiet, told, after)] == [[], ["harmful_comments"], []]


async def test_counts_over_time_show_views_that_stop(tower: Tower) -> None:
    for views in (1000, 3000, 3001):
        tower.desk.video.views = views
        tower.rig.clock.at += timedelta(minutes=55)
        polled = await tower.look()
    assert polled.watched is not None
    assert [sign.kind for sign in polled.watched.signs] == ["views_collapse"]
    assert not any(letter.isdigit() for sign in polled.watched.signs for letter in sign.reason)


async def test_headlines_of_trouble_with_its_subject_are_seen(tower: Tower) -> None:
    publish_headlines(tower)
    polled = await tower.look()
    assert polled.watched is not None
    assert [sign.kind for sign in polled.watched.signs] == ["bad_news"]


def publish_headlines(tower: Tower) -> None:
    with tower.rig.database.unit_of_work() as session:
        session.execute(
            text(
                "insert into trend_topics (id, tenant_id, provenance, label, model, vector, first_seen_at, last_seen_at)"
                " values ('t1', 'tenant_local', 'rehearsal', 'x', 'm', cast(:v as halfvec), now(), now())"
            ),
            {"v": str([0.05] * 384)},
        )
        topic = tower_topic(tower)
        for n in range(2):
            session.execute(
                text(
                    "insert into trend_sightings (topic_id, source_id, source_name, kind, url, title, first_seen_at, last_seen_at)"
                    " values ('t1', :source, 'n', 'feed', :url, :title, now(), now())"
                ),
                {"source": f"s{n}", "url": f"https://example.org/{n}", "title": f"Study of {topic} retracted over fabricated data"},
            )


def tower_topic(tower: Tower) -> str:
    """Return the topic of the published video."""
    with tower.rig.database.unit_of_work() as session:
        digest = session.scalar(text("select digest from artifacts where kind = 'brief'"))
    return str(json.loads(tower.rig.store.read(str(digest)))["topic"])


def test_every_action_has_trouble_that_calls_for_it() -> None:
    assert {*CALLED_FOR_BY, "open_incident"} == set(crisis_monitor.REVERSALS)


@pytest.mark.parametrize("action", CALLED_FOR_BY)
async def test_every_action_is_taken_back_and_not_done_again(tower: Tower, action: str) -> None:
    tower.fly()
    kind, befall = CALLED_FOR_BY[action]
    assert not tower.stands(action)
    befall(tower, "first")
    await tower.look()
    done = tower.acts(kind)[action]
    assert (done.status, done.reversible, tower.stands(action)) == ("done", True, True)
    assert (await tower.actions.take_back(done.id, "ada")).status == "reversed"
    assert not tower.stands(action)
    tower.rig.advance(minutes=10)  # counts are asked for again
    befall(tower, "second")
    await tower.look()
    assert [one["what"] for one in tower.incident(kind).timeline].count("seen again") == 1
    assert not tower.stands(action)
    with pytest.raises(ActionClosed):
        await tower.actions.take_back(done.id, "ada")


async def test_an_incident_is_resolved_and_new_trouble_opens_another(tower: Tower) -> None:
    _, befall = CALLED_FOR_BY["draft_reply"]
    befall(tower, "first")
    await tower.look()
    with tower.rig.database.unit_of_work() as session:
        IncidentRepository(session).resolve(tower.incident("copyright_claim").id, "ada")
    befall(tower, "second")
    await tower.look()
    with tower.rig.database.unit_of_work() as session:
        assert [one.status for one in IncidentRepository(session).list_().items] == ["open", "resolved"]


@pytest.mark.parametrize("kind", ["factual_challenge", "copyright_claim"])
async def test_what_nobody_can_take_back_is_never_carried_out(tower: Tower, kind: str) -> None:
    _, befall = next(called for called in CALLED_FOR_BY.values() if called[0] == kind)
    befall(tower, "first")
    await tower.look()
    advised = [one for one in tower.acts(kind).values() if one.action in crisis_monitor.IRREVERSIBLE]
    assert advised
    for one in advised:
        with pytest.raises(NothingToDo, match="cannot be taken back"):
            await tower.actions.carry_out(one.id, "ada")


async def test_on_a_manual_channel_everything_grave_waits_and_a_person_carries_it_out(tower: Tower) -> None:
    tower.fly()
    with tower.rig.database.unit_of_work() as session:
        ChannelRepository(session).set_autonomy(CHANNEL, "manual")
    tower.mail("Your channel received a copyright strike for")
    await tower.crisis.turn()
    acted = tower.acts("copyright_strike")
    grave = ("pause_channel", "pause_run")
    assert {acted[one].status for one in grave} == {"wanted"}
    assert (acted["hold"].status, [tower.stands(one) for one in (*grave, "hold")]) == ("done", [False, False, True])
    for one in grave:
        await tower.actions.carry_out(acted[one].id, "ada")
    await tower.actions.take_back(acted["hold"].id, "ada")
    assert [tower.stands(one) for one in (*grave, "hold")] == [True, True, False]
    for one in grave:
        await tower.actions.take_back(acted[one].id, "ada")
    assert [tower.stands(one) for one in grave] == [False, False]


async def test_a_late_hand_neither_keeps_a_stopping_run_nor_lets_go_on_what_a_person_paused(tower: Tower) -> None:
    tower.fly()
    with tower.rig.database.unit_of_work() as session:
        ChannelRepository(session).set_autonomy(CHANNEL, "manual")
    tower.mail("Your channel received a copyright strike for")
    await tower.crisis.turn()
    waits = tower.acts("copyright_strike")
    with tower.rig.database.unit_of_work() as session:
        AutonomousRunRepository(session).change(RUN, status="stopping", stop_reason="enough")
        ChannelRepository(session).pause(CHANNEL, "a holiday")
    with pytest.raises(NothingToDo, match="is stopping, so there is nothing to pause"):
        await tower.actions.carry_out(waits["pause_run"].id, "ada")
    await tower.actions.carry_out(waits["pause_channel"].id, "ada")
    await tower.actions.take_back(waits["pause_channel"].id, "ada")
    assert (tower.stands("pause_run"), tower.stands("pause_channel")) == (False, True)
    assert tower.acts("copyright_strike")["pause_run"].status == "wanted"


async def test_quota_that_publishing_needs_is_not_spent_on_looks_which_still_see_what_costs_none(tower: Tower) -> None:
    def spent() -> int:
        with tower.rig.database.unit_of_work() as session:
            return int(session.execute(text("select count(*) from quota_spends")).scalar_one())

    tower.desk.caller.here.__dict__["youtube_quota"] = f"units={RESERVED_UNITS - 1}"
    before = spent()
    tower.desk.say("kill yourself", "you deserve to die")
    publish_headlines(tower)
    polled = await tower.look()
    assert polled.watched is not None
    assert [sign.kind for sign in polled.watched.signs] == ["bad_news"]
    assert ("kept for publishing" in polled.watched.gaps[0], spent()) == (True, before)
    tower.desk.caller.here.__dict__["youtube_quota"] = "units=10000"
    heard = (await tower.look()).watched
    assert heard is not None
    assert "harmful_comments" in {sign.kind for sign in heard.signs}


async def test_a_reading_that_the_platform_puts_off_keeps_nobody_from_seeing_the_rest(tower: Tower, monkeypatch: pytest.MonkeyPatch) -> None:
    call, patience = tower.desk.caller.call, []
    waits: dict[str, Any] = dict.fromkeys(JobView.__dataclass_fields__, "") | {"tool": READ_AUDIENCE.name, "state": "cancelled"}

    async def put_off(spec: Any, args: Any, *, key: JobKey, agent: str, run: RunScope) -> Any:
        if spec is not READ_AUDIENCE:
            return await call(spec, args, key=key, agent=agent, run=run)
        patience.append(run.patience_s)
        raise JobFailed(JobView(**waits | {"error": {"code": "youtube_busy", "message": "YouTube asks to wait until tomorrow"}}))

    monkeypatch.setattr(tower.desk.caller, "call", put_off)
    publish_headlines(tower)
    watched = (await tower.look()).watched
    assert watched is not None
    assert ([sign.kind for sign in watched.signs], watched.gaps) == (["bad_news"], ("read_audience: YouTube asks to wait until tomorrow",))
    assert patience == [crisis_monitor.PATIENCE_S]


async def test_a_quiet_look_leaves_no_snapshot_no_decision_and_no_incident(tower: Tower) -> None:
    count = "select (select count(*) from artifacts), (select count(*) from decisions), (select count(*) from incidents), (select count(*) from snapshots)"
    with tower.rig.database.unit_of_work() as session:
        before = tuple(session.execute(text(count)).one())
    for _ in range(3):
        assert (await tower.look()).status == "made"
    with tower.rig.database.unit_of_work() as session:
        assert tuple(session.execute(text(count)).one()) == before


def test_at_least_eight_types_name_the_signal_they_have() -> None:
    seeded: set[Any] = {one[0] for one in SEEN_BY_LOOKING} | {one[0] for one in NOTICES} | {"consent_lost", "views_collapse", "bad_news"}
    assert len(seeded) >= 12
    assert seeded <= set(crisis_monitor.SIGNALS)
