"""What a look at a publication stands on: its rows, its manifest and brief, and what its channel lets the monitor do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents import crisis_monitor
from infra.database import UnitOfWork
from infra.errors import Conflict
from memory.artifacts import Brief, Listing, Manifest
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.incident_actions import IncidentActionRepository
from memory.repositories.publications import PublicationRepository

YOUTUBE = "youtube"
PUBLISHED = frozenset({"released", "verified"})


class NothingToCheck(Conflict):
    """The publication of a check was never finished, or what it was made from is not recorded."""

    code = "nothing_to_check"


@dataclass(frozen=True)
class Look:
    """One publication with everything that looking at it needs; `changed` says that the studio itself changed who may see it since it was published."""

    run_id: str
    channel_id: str
    publication_id: str
    publication_key: str
    provenance: str
    manifest: str
    brief: str
    cited: str | None
    autonomy: crisis_monitor.Autonomy
    place: str
    privacy: str | None
    changed: bool
    published_at: datetime
    spared: frozenset[crisis_monitor.Action]

    @property
    def incident_key(self) -> str:
        """The key under which trouble with this publication is one incident."""
        return f"publication:{self.publication_id}"


def read_look(session: UnitOfWork, publication_id: str) -> Look:
    """Return what a look needs; raises NothingToCheck."""
    publication = PublicationRepository(session).get(publication_id)
    artifacts = ArtifactRepository(session)
    briefs = artifacts.list_(publication.run_id, kind="brief")
    if publication.state not in PUBLISHED or not briefs:
        raise NothingToCheck(f"publication {publication.id} is {publication.state}, and {len(briefs)} briefs of its run are recorded")
    cited = artifacts.list_(publication.run_id, kind="cited")
    spared = IncidentActionRepository(session).spared(f"publication:{publication.id}")
    return Look(
        run_id=publication.run_id,
        channel_id=publication.channel_id,
        publication_id=publication.id,
        publication_key=publication.key,
        provenance=publication.provenance,
        manifest=publication.manifest_digest,
        brief=briefs[-1].digest,
        cited=cited[-1].digest if cited else None,
        autonomy=crisis_monitor.autonomy_of(ChannelRepository(session).get(publication.channel_id).autonomy),
        place=publication.publisher,
        privacy=publication.details.get("privacy"),
        changed="visibility_reason" in publication.details,
        published_at=publication.published_at or publication.updated_at,
        spared=frozenset(action for action in crisis_monitor.REVERSALS if action in spared),
    )


def heard_of(before: Mapping[str, Any]) -> datetime | None:
    """Return up to when an earlier look had heard what viewers said; one that was kept before this was told heard them when it looked."""
    heard = before.get("heard_at", before.get("looked_at"))
    return datetime.fromisoformat(heard) if heard else None


def watch_input(look: Look, brief: Brief, manifest: Manifest, now: datetime, **about: Any) -> crisis_monitor.WatchInput:
    """Return what the monitor is given; `about` are the parts that this look has and others have not."""
    return crisis_monitor.WatchInput.model_validate(
        {
            "publication_key": look.publication_key,
            "manifest": manifest,
            "expected_privacy": _expected_privacy(look, manifest.listing, now),
            "shown_at": look.published_at if manifest.listing.publish_at is not None else None,
            "autonomy": look.autonomy,
            "place": YOUTUBE if look.place == YOUTUBE else "library",
            "documents": brief.documents,
            "topic": brief.topic,
            "keywords": brief.keywords,
            "spared": look.spared,
            **about,
        }
    )


def _expected_privacy(look: Look, listing: Listing, now: datetime) -> str:
    """Return who should see it by now. At a platform the studio's own last word is kept with the publication, in the library with the entry."""
    if look.place != YOUTUBE:
        return listing.privacy
    shown = listing.publish_at is not None and look.published_at <= now and not look.changed
    return "public" if shown else look.privacy or listing.privacy
