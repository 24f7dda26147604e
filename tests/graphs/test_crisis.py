"""Each type of incident is seeded where its signal really is, and the next look, notice or turn finds it and does what the channel allows."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from agents import crisis_monitor
from graphs.crisis import Crisis, Polled
from graphs.polling import RESERVED_UNITS
from graphs.reversal import ActionDesk, NothingToDo
from graphs.runbook import RunBook
from infra.clock import SYSTEM_CLOCK
from memory.records.incidents import IncidentActionRecord, IncidentRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.incident_actions import ActionClosed, IncidentActionRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.messages import MessageRepository
from tests.graphs.platform_desk import CHANNEL, PlatformDesk, open_desk
from tests.tools.upload_video.conftest import Rig
from tests.tools.upload_video.conftest import rig as publishing_rig

__all__ = ["publishing_rig"]
CHECKED = "Authentication-Results: mx.example; dmarc=pass header.from=youtube.com\n"


class Tower:
    """A published video, who watches over it, and what came of that."""

    def __init__(self, desk: PlatformDesk) -> None:
        self.desk, self.rig = desk, desk.rig
        self.crisis = Crisis(RunBook(desk.caller.here, desk.rig.database, desk.caller), desk.rig.database, desk.rig.clock)
        self.actions = ActionDesk(desk.rig.database, desk.caller, desk.rig.clock)

    async def look(self) -> Polled:
        """Let the publication's next look fall due and make it."""
        self.rig.clock.at += timedelta(minutes=5)
        with self.rig.database.unit_of_work() as session:
            session.execute(text("update polls set next_at = now() - interval '1 second', lease_expires_at = null"))
            session.execute(text("update publications set published_at = now() - interval '10 minutes' where published_at is not null"))
        (polled,) = await self.crisis.turn()
        return polled

    def mail(self, body: str, name: str = "one.eml", checked: str = CHECKED) -> None:
        """Deliver a mail from the platform."""
        inbox = self.rig.settings.home / "inbox"
        inbox.mkdir(exist_ok=True)
        (inbox / name).write_text(
            f"{checked}From: YouTube <no-reply@youtube.com>\nSubject: About {self.desk.video.id}\n\n{body} https://youtu.be/{self.desk.video.id}\n"
        )

    def incident(self, kind: str) -> IncidentRecord:
        """Return the one open incident of a kind."""
        with self.rig.database.unit_of_work() as session:
            (found,) = [one for one in IncidentRepository(session).list_().items if one.kind == kind]
            return found

    def acts(self, kind: str) -> dict[str, IncidentActionRecord]:
        """Return the actions of an incident of a kind, by name."""
        with self.rig.database.unit_of_work() as session:
            return {one.action: one for one in IncidentActionRepository(session).list_(self.incident(kind).id)}

    def privacy(self) -> str:
        """Return who may see the video at the platform."""
        return str(self.desk.video.status["privacyStatus"])


@pytest.fixture
def rig(publishing_rig: Rig) -> Rig:
    publishing_rig.clock.at = SYSTEM_CLOCK.now()
    return publishing_rig


@pytest.fixture
async def tower(rig: Rig) -> Tower:
    tower = Tower(open_desk(rig, youtube_derived_scores=True, mail_authserv="mx.example"))
    await tower.crisis.turn()
    return tower


Seed = Callable[[Tower], object]


def _status(**values: str) -> Seed:
    return lambda tower: tower.desk.video.status.update(values)


def _say(*texts: str) -> Seed:
    return lambda tower: tower.desk.say(*texts)


def _gone(tower: Tower) -> None:
    del tower.rig.world.videos[tower.desk.video.id]


SEEN_BY_LOOKING: list[tuple[str, Seed, set[str]]] = [
    ("publication_missing", _gone, set()),
    ("publication_rejected", _status(uploadStatus="rejected", rejectionReason="copyright"), {"hold"}),
    ("visibility_changed", _status(privacyStatus="unlisted"), set()),
    ("factual_challenge", _say(*["The date is wrong: https://example.org/x"] * 6), {"make_private", "draft_reply"}),
    ("harmful_comments", _say("I will find you", "kill yourself", "you deserve to die"), {"hold"}),
    ("negative_spike", _say(*["Terrible, the worst, I hate it"] * 20), {"hold", "pause_channel"}),
    ("impersonation", _say("I am the owner of this channel, message me on WhatsApp +1 555 010 999"), {"draft_reply"}),
]


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


NOTICES = [
    ("copyright_strike", "Your channel received a copyright strike for", {"hold", "pause_channel"}),
    ("copyright_claim", "A Content ID claim was made on your video", {"draft_reply"}),
    ("takedown", "We received a DMCA takedown request for", {"hold", "pause_channel"}),
    ("policy_notice", "Your content violates our Community Guidelines:", {"hold", "unlist"}),
    ("correction_request", "I am asking for a correction of what you say in", {"draft_reply"}),
]


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


async def test_counts_over_time_show_views_that_stop(tower: Tower) -> None:
    for views in (1000, 3000, 3001):
        tower.desk.video.views = views
        tower.rig.clock.at += timedelta(minutes=55)
        polled = await tower.look()
    assert polled.watched is not None
    assert [sign.kind for sign in polled.watched.signs] == ["views_collapse"]
    assert not any(letter.isdigit() for sign in polled.watched.signs for letter in sign.reason)


async def test_headlines_of_trouble_with_its_subject_are_seen(tower: Tower) -> None:
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
    polled = await tower.look()
    assert polled.watched is not None
    assert [sign.kind for sign in polled.watched.signs] == ["bad_news"]


def tower_topic(tower: Tower) -> str:
    """Return the topic of the published video."""
    with tower.rig.database.unit_of_work() as session:
        digest = session.scalar(text("select digest from artifacts where kind = 'brief'"))
    return str(json.loads(tower.rig.store.read(str(digest)))["topic"])


async def test_every_action_is_taken_back_and_not_done_again(tower: Tower) -> None:
    tower.desk.say(*["The date is wrong: https://example.org/x"] * 6)
    await tower.look()
    assert tower.privacy() == "private"
    for one in tower.acts("factual_challenge").values():
        if one.status == "done":
            assert (await tower.actions.take_back(one.id, "ada")).status == "reversed"
        else:
            with pytest.raises(NothingToDo, match="cannot be taken back"):
                await tower.actions.carry_out(one.id, "ada")
    assert tower.privacy() == "public"
    tower.desk.say(*["This number is false, see https://example.org/y"] * 6)
    await tower.look()
    assert tower.privacy() == "public"
    with pytest.raises(ActionClosed):
        await tower.actions.take_back(tower.acts("factual_challenge")["make_private"].id, "ada")


async def test_on_a_manual_channel_everything_grave_waits_and_a_person_carries_it_out(tower: Tower) -> None:
    with tower.rig.database.unit_of_work() as session:
        ChannelRepository(session).set_autonomy(CHANNEL, "manual")
    tower.mail("Your channel received a copyright strike for")
    await tower.crisis.turn()
    acted = tower.acts("copyright_strike")
    assert (acted["pause_channel"].status, acted["hold"].status) == ("wanted", "done")
    await tower.actions.carry_out(acted["pause_channel"].id, "ada")
    await tower.actions.take_back(acted["hold"].id, "ada")
    with tower.rig.database.unit_of_work() as session:
        channel = ChannelRepository(session).get(CHANNEL)
        assert (channel.paused, channel.held_until) == (True, None)
    await tower.actions.take_back(acted["pause_channel"].id, "ada")
    with tower.rig.database.unit_of_work() as session:
        assert not ChannelRepository(session).get(CHANNEL).paused


async def test_quota_that_publishing_needs_is_not_spent_on_looks(tower: Tower) -> None:
    tower.desk.caller.here.__dict__["youtube_quota"] = f"units={RESERVED_UNITS - 1}"
    polled = await tower.look()
    assert (polled.status, "kept for publishing" in polled.reason) == ("skipped", True)


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
