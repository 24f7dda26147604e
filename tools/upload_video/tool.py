"""Publishing to YouTube: checks that this is what was approved, opens the channel's consent, and runs the states."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.database import Database
from infra.errors import Forbidden
from infra.ids import json_digest
from memory.artifacts import Provenance
from memory.records.platform_channels import PlatformChannelRecord
from memory.repositories.publications import NewPublication
from memory.repositories.quota import Spender
from tools.base import ToolContext, ToolError
from tools.job_database import job_database
from tools.upload_video.extras import Extras
from tools.upload_video.journal import Journal
from tools.upload_video.listing import new_video
from tools.upload_video.machine import Upload, publish
from tools.upload_video.schema import UploadVideoArgs, UploadVideoResult
from tools.vendors.youtube.client import CHUNK_BYTES, YouTubeClient
from tools.vendors.youtube.port import YouTube
from tools.youtube_consent import open_consent, vault_of
from tools.youtube_door import Door

PUBLISHER = "youtube"
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG"


class ApprovalBroken(Forbidden):
    """What is about to go out is not what was approved."""

    code = "approval_broken"


def run(args: UploadVideoArgs, ctx: ToolContext) -> UploadVideoResult:
    """Publish one approved video to the channel's YouTube, exactly once per key.

    Raises ToolError for what trying again would not mend, ToolPaused while a limit must come back or the platform works, ToolRetry for
    passing faults; whichever, calling it again goes on where it was.
    """
    _check(args, ctx)
    with job_database(ctx, "upload_video") as database, _connected(database, args, ctx) as (youtube, connection):
        return publish_with(youtube, connection, database, args, ctx)


def publish_with(youtube: YouTube, connection: PlatformChannelRecord, database: Database, args: UploadVideoArgs, ctx: ToolContext) -> UploadVideoResult:
    """Run the states over a platform that is connected already."""
    manifest = args.manifest
    new = NewPublication(args.key, str(ctx.run_id), manifest.channel_id, PUBLISHER, ctx.provenance.value, args.approved)
    journal = Journal(database, ctx, vault_of(ctx.settings), new)
    door = Door(database, ctx, Spender(connection.project, args.key, manifest.channel_id), ctx.settings.youtube_granted)
    created = journal.open().external_id is None
    picture = ctx.store.path(manifest.thumbnail)
    extras = Extras(youtube, journal, door, ctx.store.path(manifest.captions), manifest.listing.language, args.playlist)
    upload = Upload(
        youtube=youtube,
        journal=journal,
        door=door,
        ctx=ctx,
        video=new_video(manifest.listing, args.key, ctx.store.path(manifest.video)),
        listing=manifest.listing,
        thumbnail=lambda video_id: youtube.set_thumbnail(video_id, picture, _mime(picture.read_bytes()[:4])),
        uploads_playlist=connection.uploads_playlist,
        extras=extras.add,
    )
    row = publish(upload)
    told = {name: str(row.details[name]) for name in ("captions", "playlist") if name in row.details}
    return UploadVideoResult(
        video_id=str(row.external_id), url=str(row.external_url), privacy=row.details["privacy"], created=created, verified=True, extras=told
    )


@contextmanager
def _connected(database: Database, args: UploadVideoArgs, ctx: ToolContext) -> Iterator[tuple[YouTube, PlatformChannelRecord]]:
    consent = open_consent(database, args.manifest.channel_id, ctx)
    settings = ctx.settings
    youtube = YouTubeClient(consent.token, consent.client, settings.youtube_base_url, settings.youtube_chunk_bytes or CHUNK_BYTES)
    try:
        yield youtube, consent.connection
    finally:
        youtube.close()


def _check(args: UploadVideoArgs, ctx: ToolContext) -> None:
    manifest = args.manifest
    digest = json_digest(manifest.model_dump(mode="json"))
    if digest != args.approved:
        raise ApprovalBroken(f"manifest: {digest[:12]} is not the approved {args.approved[:12]}; approve the new one", manifest=digest)
    if manifest.provenance != ctx.provenance:
        raise ApprovalBroken(f"provenance: the manifest is {manifest.provenance.value}, the run is {ctx.provenance.value}")
    # A stand-in must never pass for the platform, nor the platform for a stand-in.
    stand_in = ctx.settings.youtube_base_url is not None
    allowed = {Provenance.REHEARSAL, Provenance.SIMULATED} if stand_in else {Provenance.REAL}
    if ctx.provenance not in allowed:
        where = "a stand-in" if stand_in else "YouTube"
        raise ApprovalBroken(f"provenance: a {ctx.provenance.value} video does not go to {where}")
    if ctx.run_id is None:
        raise ToolError("upload_video: needs the run that the approval belongs to")
    for digest in (manifest.video, manifest.thumbnail, manifest.captions):
        ctx.store.path(digest)  # reads the bytes and compares them with the approved digest


def _mime(head: bytes) -> str:
    if head.startswith(_PNG):
        return "image/png"
    if head.startswith(_JPEG):
        return "image/jpeg"
    raise ToolError("thumbnail: neither JPEG nor PNG; make it again")
