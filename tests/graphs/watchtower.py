"""A published video of the stand-in platform, who watches over it, and the trouble that can be seeded where its signal really is."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, text

from graphs.crisis import Crisis, Polled
from graphs.reversal import ActionDesk
from graphs.runbook import RunBook
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.incidents import IncidentActionRecord, IncidentRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.incident_actions import IncidentActionRepository
from memory.repositories.incidents import IncidentRepository
from tests.graphs.platform_desk import CHANNEL, PlatformDesk

RUN = "auto_1"
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

    def fly(self) -> None:
        """Let an autonomous run work with the channel."""
        with self.rig.database.unit_of_work() as session:
            run = {"id": RUN, "tenant_id": LOCAL_TENANT, "key": RUN, "status": "running", "request": {"channels": [CHANNEL]}, "provenance": "rehearsal"}
            now = self.rig.clock.at
            AutonomousRunRepository(session).create(AutonomousRunRecord(**run, budget_microusd=0, starts_at=now, ends_at=now + timedelta(hours=1)))

    def stands(self, action: str) -> bool:
        """Whether what an action does is so now."""
        with self.rig.database.unit_of_work() as session:
            channel, run = ChannelRepository(session).get(CHANNEL), AutonomousRunRepository(session).find(RUN)
            drafts = select(IncidentActionRecord.id).filter_by(action="draft_reply", status="done")
            return {
                "make_private": self.privacy() == "private",
                "unlist": self.privacy() == "unlisted",
                "pause_channel": channel.paused,
                "pause_run": run is not None and run.status == "paused",
                "hold": channel.held_until is not None,
                "draft_reply": session.scalar(drafts.limit(1)) is not None,
            }[action]

    def privacy(self) -> str:
        """Return who may see the video at the platform."""
        return str(self.desk.video.status["privacyStatus"])


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


NOTICES = [
    ("copyright_strike", "Your channel received a copyright strike for", {"hold", "pause_channel"}),
    ("copyright_claim", "A Content ID claim was made on your video", {"draft_reply"}),
    ("takedown", "We received a DMCA takedown request for", {"hold", "pause_channel"}),
    ("policy_notice", "Your content violates our Community Guidelines:", {"hold", "unlist"}),
    ("correction_request", "I am asking for a correction of what you say in", {"draft_reply"}),
]

Befall = Callable[[Tower, str], object]


def _challenged(tower: Tower, when: str) -> None:
    tower.desk.say(*[f"The date is wrong: https://example.org/{when}"] * 6)


def _written(body: str) -> Befall:
    return lambda tower, when: tower.mail(f"This is our {when} letter. {body}", f"{when}.eml")


# Trouble that calls for each action on an autonomous channel, and the incident that it opens.
CALLED_FOR_BY: dict[str, tuple[str, Befall]] = {
    "make_private": ("factual_challenge", _challenged),
    "unlist": ("policy_notice", _written("Your content violates our Community Guidelines:")),
    "pause_channel": ("copyright_strike", _written("Your channel received a copyright strike for")),
    "pause_run": ("copyright_strike", _written("Your channel received a copyright strike for")),
    "hold": ("takedown", _written("We received a DMCA takedown request for")),
    "draft_reply": ("copyright_claim", _written("A Content ID claim was made on your video")),
}
