"""Approvals and publications as the graph keeps them: rows bound to the digest of a manifest."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.publisher import ListingEdits, Place, Published, choose_place
from graphs import timing
from graphs.context import Studio
from graphs.routes import QUALITY_FLOOR
from graphs.state import ProductionState
from graphs.two_people import is_guarded
from infra.database import Session
from infra.settings import Settings
from memory.artifacts import Brief, Provenance, Script
from memory.recall_search import Memory, remember_vector
from memory.records.approvals import ApprovalRecord
from memory.repositories.approvals import ApprovalRepository, NewApproval
from memory.repositories.channels import ChannelRepository
from memory.repositories.checks import CheckRepository
from memory.repositories.fingerprints import FingerprintRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.publications import NewPublication, PublicationRepository, Transition
from memory.repositories.runs import RunRepository
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs

GATE = "video"


@dataclass(frozen=True)
class OpenPublication:
    """A publication whose intent is committed; `key` is its idempotency key."""

    id: str
    key: str
    place: Place


async def needs_human(studio: Studio, state: ProductionState) -> bool:
    """Whether people decide about the video: where the channel wants two, below `policy`, and under `policy` when it did not pass every check cleanly."""
    autonomy = studio.request.autonomy

    def wants_two() -> bool:
        with studio.database.unit_of_work() as session:
            return is_guarded(session, studio.channel_id)

    if autonomy in {"manual", "review"} or await asyncio.to_thread(wants_two):
        return True
    warned = state["screen"]["warned"] or state["inspect"]["warned"] or state["review"]["quality"] < QUALITY_FLOOR
    return autonomy == "policy" and warned


def edits(studio: Studio, state: ProductionState) -> ListingEdits | None:
    """Return what people changed in the listing of this revision, later edits over earlier ones; None when nobody did.

    The time that they chose outlives the script: it is no word of the listing.
    """
    gate, prepared = state.get("video_gate"), state.get("prepare")
    changed: dict[str, Any] = {}
    if prepared and prepared["edits"]:
        earlier = studio.load(prepared["edits"], ListingEdits).model_dump(exclude_none=True)
        same = prepared["revision"] == state["write"]["revision"]
        changed = earlier if same else {name: value for name, value in earlier.items() if name == "publish_at"}
    if gate and gate["verdict"] == "edit" and gate["artifact"] and gate.get("changes", "listing") == "listing":
        changed |= studio.load(gate["artifact"], ListingEdits).model_dump(exclude_none=True)
    return ListingEdits.model_validate(changed) if changed else None


async def approve_by_policy(studio: Studio, manifest: str, count: int) -> None:
    """Record that the channel's policy accepts this manifest."""

    def write() -> None:
        with studio.database.unit_of_work() as session:
            studio.ensure_held(RunRepository(session))
            approvals = ApprovalRepository(session)
            request = {"autonomy": studio.request.autonomy}
            # Named by the manifest too: prepared again after a kill, it may be listed for another time.
            interrupt = f"policy-{count}-{manifest[:12]}"
            made = approvals.request(NewApproval(run_id=studio.run_id, gate=GATE, interrupt_id=interrupt, manifest_digest=manifest, request=request))
            if made.status == "pending":
                approvals.decide(made.id, "accept", "policy", {"type": "accept", "by": "policy"}, via="policy")

    await asyncio.to_thread(write)


async def verify(studio: Studio, manifest: str) -> ApprovalRecord:
    """Return the acceptance of a manifest; raises NotApproved when nothing accepted is bound to it."""

    def read() -> ApprovalRecord:
        with studio.database.unit_of_work() as session:
            return ApprovalRepository(session).verify(studio.run_id, GATE, manifest)

    return await asyncio.to_thread(read)


async def missed_time(studio: Studio, publish_at: datetime | None, approval: ApprovalRecord) -> str:
    """Return how late a publication is that has not begun and was approved for a time that has passed; nothing for one that may go on."""
    now = studio.clock.now()
    if publish_at is None or not timing.is_late(publish_at, approval, now):
        return ""

    def has_begun() -> bool:
        with studio.database.unit_of_work() as session:
            return PublicationRepository(session).find_by_key(studio.run_id) is not None

    return "" if await asyncio.to_thread(has_begun) else timing.too_late(publish_at, now)


async def open_publication(studio: Studio, manifest: str, provenance: Provenance) -> OpenPublication:
    """Commit the intent to publish before anything outside happens; the run is the key, so a run publishes once."""

    def write() -> OpenPublication:
        with studio.database.unit_of_work() as session:
            studio.ensure_held(RunRepository(session))
            publications = PublicationRepository(session)
            # What was begun is finished where it was begun, whatever the settings say by now.
            begun = publications.find_by_key(studio.run_id)
            if begun is None:
                ChannelRepository(session).ensure_publishing(studio.channel_id, studio.clock.now())
            place = begun.publisher if begun is not None else place_of(session, studio, provenance)
            new = NewPublication(
                key=studio.run_id,
                run_id=studio.run_id,
                channel_id=studio.channel_id,
                publisher=place,
                provenance=provenance.value,
                manifest_digest=manifest,
            )
            found = publications.create(new)
            return OpenPublication(found.id, found.key, "youtube" if found.publisher == "youtube" else "library")

    return await asyncio.to_thread(write)


def place_of(session: Session, studio: Studio, provenance: Provenance) -> Place:
    """Return where a video of this run is published as things stand; raises ChannelNotConnected."""
    connection = PlatformChannelRepository(session).find(studio.channel_id)
    connected_as = connection.provenance if connection is not None and reaches_youtube(studio.settings) else None
    return choose_place(studio.settings.publisher, provenance, connected_as)


def reaches_youtube(settings: Settings) -> bool:
    """Whether a connected channel could be published to with these settings."""
    # The secret is withheld from every process that does not publish; the client's id says that there is one.
    return settings.youtube_client_id is not None and (settings.network != "off" or settings.youtube_base_url is not None)


async def close_publication(studio: Studio, publication_id: str, published: Published, publish_at: datetime | None = None) -> None:
    """Record what was published and verified, and schedule the looks at it from when it is shown; doing it again changes nothing."""

    def write() -> None:
        with studio.database.unit_of_work() as session:
            publications = PublicationRepository(session)
            found = publications.get(publication_id)
            if found.state != "verified":
                details = {"publish_at": publish_at.isoformat()} if publish_at else {}
                note = f"in the library, shown from {publish_at:%Y-%m-%d %H:%M} UTC" if publish_at else "published to the library"
                released = Transition("released", note, published.external_id, published.page, details, public_at=publish_at)
                publications.transition(publication_id, released)
                found = publications.transition(publication_id, Transition(to="verified", note="read back and compared"))
            CheckRepository(session).schedule(found)

    await asyncio.to_thread(write)


async def remember(studio: Studio, state: ProductionState, script: Script, brief: Brief) -> None:
    """Keep topic and script in the channel's memory, so that neither is made twice."""
    ctx = studio.node("remember", state["prepare"]["count"], "production", state["scout"]["provenance"])
    spoken = " ".join(sentence.text for sentence in script.sentences)
    texts = {"topic": brief.topic, "script": spoken}
    embedded = await ctx.call(EMBED_TEXT, EmbedTextArgs(texts=tuple(texts.values())))

    def write() -> None:
        with studio.database.unit_of_work() as session:
            video_id = RunRepository(session).get(studio.run_id).video_id
            FingerprintRepository(session).mark_published(studio.run_id)
            for (kind, text), vector in zip(texts.items(), embedded.vectors, strict=True):
                memory = Memory(kind, studio.run_id, text, studio.channel_id, ctx.provenance, video_id=video_id)
                remember_vector(session, memory, vector, embedded.model_version)

    await asyncio.to_thread(write)
