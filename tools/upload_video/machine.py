"""The publication as states, each committed before the next outside call; after any death it goes on from what is committed.

intent -> session_open -> bytes_sent -> created -> described -> pictured -> released -> verified

`session_open` is committed with the session's address before a byte is sent, `bytes_sent` before the last chunk: up to there no video can
exist, from there on one may. An outcome that nobody knows is looked up by our marker among the channel's uploads; one that cannot be decided
goes to a person. The video is never sent a second time while a first one may be there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from memory.artifacts import Listing
from memory.records.publications import PublicationRecord
from tools.base import ToolContext, ToolPaused
from tools.upload_video.journal import Journal
from tools.upload_video.listing import flag_differences, marker, released_flags, text_differences
from tools.vendors.youtube.errors import FATES, OperatorNeeded, SessionGone, TryAgain
from tools.vendors.youtube.port import NewVideo, Progress, UploadEntry, VideoView, YouTube
from tools.youtube_door import Door

WATCH_URL = "https://www.youtube.com/watch?v="
NEEDED = ("videos.insert", "thumbnails.set", "videos.update", *("videos.list",) * 4, *("playlistItems.list",) * 4)
MOST_LOOKS = 5
MOST_SESSIONS = 5
MOST_WAITS = 480
_PAGES = 4
_LOOK_AGAIN_S = 30.0


@dataclass(frozen=True)
class Upload:
    """What is published, and the hands that do it. `extras` runs between the picture and the release and decides by itself what it may spend."""

    youtube: YouTube
    journal: Journal
    door: Door
    ctx: ToolContext
    video: NewVideo
    listing: Listing
    thumbnail: Callable[[str], None]
    uploads_playlist: str
    extras: Callable[[PublicationRecord], PublicationRecord] = field(default=lambda row: row)


def publish(upload: Upload) -> PublicationRecord:
    """Take the publication to `verified` and return its record; raises what stands in the way, and can be called again after anything."""
    row = upload.journal.open()
    if row.state == "intent":
        # Later states go on with what was set aside, or with what the pool holds: stopping half-way would help nobody.
        upload.door.plan(NEEDED)
    while row.state != "verified":
        if row.state not in _STEPS:
            raise upload.journal.ask_a_person(row, str(row.details.get("question", f"it is {row.state}")))
        upload.ctx.progress(_FRACTIONS[row.state], row.state.replace("_", " "))
        row = _STEPS[row.state](upload, row)
    upload.door.release()
    return row


def _open(upload: Upload, row: PublicationRecord) -> PublicationRecord:
    # Also the first time: after a restore from a backup the channel may be ahead of our records.
    found = _look(upload, row)
    if found is not None:
        return _created(upload, upload.journal.advance(row, "bytes_sent", "the channel has it already"), found.video_id)
    address = upload.door.call("videos.insert", lambda: upload.youtube.open_session(upload.video))
    return upload.journal.first_session(row, address)


def _send(upload: Upload, row: PublicationRecord) -> PublicationRecord:
    if not row.details["session"]:  # a person said that no video came of the last one
        return _replace(upload, row)
    address = upload.journal.address(row)
    try:
        progress = _probe(upload, address)
        while progress.video_id is None and upload.video.size - progress.received > upload.youtube.chunk_bytes:
            progress = _chunk(upload, address, progress)
        if progress.video_id is None:
            row = upload.journal.advance(row, "bytes_sent", "the last bytes are on their way")
            progress = _chunk(upload, address, progress)
    except SessionGone:
        # Of the last chunk this is the first and only sending, and it was refused: no video can have come of this session.
        return _replace(upload, row)
    return _take_over(upload, row, progress)


def _settle(upload: Upload, row: PublicationRecord) -> PublicationRecord:
    address = upload.journal.address(row)
    try:
        progress = _probe(upload, address)
        while progress.video_id is None:
            progress = _chunk(upload, address, progress)
    except SessionGone:
        return _decide(upload, row)
    return _take_over(upload, row, progress)


def _take_over(upload: Upload, row: PublicationRecord, progress: Progress) -> PublicationRecord:
    # Without an id the platform took the last chunk only in part: what is missing is sent from `bytes_sent` on.
    return row if progress.video_id is None else _created(upload, row, progress.video_id)


def _replace(upload: Upload, row: PublicationRecord) -> PublicationRecord:
    """Open another session after one that ended without a video; the channel's uploads are looked through first all the same."""
    found = _look(upload, row)
    if found is not None:
        return _created(upload, row, found.video_id)
    if int(row.details["generation"]) >= MOST_SESSIONS:
        raise upload.journal.ask_a_person(row, f"{MOST_SESSIONS} upload sessions ended before the video was through")
    address = upload.door.call("videos.insert", lambda: upload.youtube.open_session(upload.video))
    return upload.journal.next_session(row, address)


def _decide(upload: Upload, row: PublicationRecord) -> PublicationRecord:
    """Find out whether a video came of a session that is gone; the list of uploads may lag, so look several times, then ask."""
    found = _look(upload, row)
    if found is not None:
        return _created(upload, row, found.video_id)
    looks = int(row.details.get("looks", 0)) + 1
    upload.journal.note(row, looks=looks)
    if looks < MOST_LOOKS:
        raise ToolPaused(f"upload: the session is gone and the video is not among the uploads yet (look {looks} of {MOST_LOOKS})", after_s=_LOOK_AGAIN_S)
    raise upload.journal.ask_a_person(row, "all bytes were sent, the session is gone, and no upload of the channel carries the reference: is the video there?")


def _look(upload: Upload, row: PublicationRecord) -> UploadEntry | None:
    """Return the channel's upload that carries our marker; raises OperatorNeeded when there are several."""
    wanted, found, page = marker(upload.journal.new.key), [], None
    for _ in range(_PAGES):
        entries, page = upload.door.call("playlistItems.list", lambda page=page: upload.youtube.list_uploads(upload.uploads_playlist, page))  # type: ignore[misc]
        found += [entry for entry in entries if wanted in entry.description]
        if page is None:
            break
    if len(found) > 1:
        raise upload.journal.ask_a_person(row, f"{len(found)} uploads carry the reference: {', '.join(entry.video_id for entry in found)}; which one stays?")
    return found[0] if found else None


def _created(upload: Upload, row: PublicationRecord, video_id: str) -> PublicationRecord:
    return upload.journal.advance(row, "created", f"video {video_id}", external_id=video_id, details={"session": "", "looks": 0})


def _describe(upload: Upload, row: PublicationRecord) -> PublicationRecord:
    view = _view(upload, row)
    if view.flags.privacy != "private" or view.flags.publish_at is not None:
        upload.door.call("videos.update", lambda: upload.youtube.set_flags(view.id, upload.video.flags))
    if text_differences(view, upload.video.text):
        upload.door.call("videos.update", lambda: upload.youtube.set_text(view.id, upload.video.text))
    return upload.journal.advance(row, "described", "private, and listed as approved", external_url=WATCH_URL + view.id)


def _picture(upload: Upload, row: PublicationRecord) -> PublicationRecord:
    upload.door.call("thumbnails.set", lambda: upload.thumbnail(str(row.external_id)))
    return upload.journal.advance(row, "pictured", "has its thumbnail")


def _release(upload: Upload, row: PublicationRecord) -> PublicationRecord:
    row = upload.extras(row)
    view = _view(upload, row)
    if view.upload_status != "processed":
        raise _processing(upload, row)
    upload.journal.verify_approval()
    wanted = released_flags(upload.listing, upload.ctx.clock.now())
    if flag_differences(view, wanted):
        upload.door.call("videos.update", lambda: upload.youtube.set_flags(view.id, wanted))
    return upload.journal.advance(row, "released", "scheduled" if wanted.publish_at else wanted.privacy, public_at=wanted.publish_at)


def _processing(upload: Upload, row: PublicationRecord) -> ToolPaused | OperatorNeeded:
    waits = int(row.details.get("waits", 0)) + 1
    upload.journal.note(row, waits=waits)
    if waits < MOST_WAITS:
        return ToolPaused(f"video {row.external_id}: YouTube still processes it", after_s=_LOOK_AGAIN_S)
    return upload.journal.ask_a_person(row, f"YouTube has not processed video {row.external_id} after {MOST_WAITS} looks")


def _verify(upload: Upload, row: PublicationRecord) -> PublicationRecord:
    view = _view(upload, row)
    wanted = released_flags(upload.listing, upload.ctx.clock.now())
    different = (*flag_differences(view, wanted), *(f"{name} differs" for name in text_differences(view, upload.video.text)))
    if not view.has_thumbnail:
        different = (*different, "the thumbnail is missing")
    if different:
        raise upload.journal.ask_a_person(row, f"YouTube shows it otherwise than approved: {', '.join(different)}")
    return upload.journal.advance(row, "verified", "read back and compared", details={"privacy": view.flags.privacy})


def _view(upload: Upload, row: PublicationRecord) -> VideoView:
    """Read the video back; raises OperatorNeeded when the platform dropped it, ToolPaused while it does not show it yet."""
    view = upload.door.call("videos.list", lambda: upload.youtube.find_video(str(row.external_id)))
    if view is None:
        looks = int(row.details.get("looks", 0)) + 1
        upload.journal.note(row, looks=looks)
        if looks < MOST_LOOKS:
            raise ToolPaused(f"video {row.external_id}: YouTube does not show it (look {looks} of {MOST_LOOKS})", after_s=_LOOK_AGAIN_S)
        raise upload.journal.ask_a_person(row, f"video {row.external_id} is not on the channel any more")
    if view.upload_status in {"failed", "rejected", "deleted"}:
        word = view.reason or view.upload_status
        raise upload.journal.ask_a_person(row, f"YouTube {view.upload_status} the video ({word}): {FATES.get(word, 'look at it in YouTube Studio')}")
    return view


def _probe(upload: Upload, address: str) -> Progress:
    return upload.door.send("upload.probe", lambda: upload.youtube.probe(address, upload.video.size))


def _chunk(upload: Upload, address: str, progress: Progress) -> Progress:
    done = upload.door.send("upload.chunk", lambda: upload.youtube.send(address, upload.video, progress.received))
    if done.video_id is None and done.received <= progress.received:
        raise TryAgain(f"upload.chunk: YouTube took no byte beyond {progress.received}; it is asked again later")
    upload.ctx.progress(0.1 + 0.6 * done.received / upload.video.size, f"{done.received >> 20} of {upload.video.size >> 20} MiB sent")
    return done


_STEPS: dict[str, Callable[[Upload, PublicationRecord], PublicationRecord]] = {
    "intent": _open,
    "session_open": _send,
    "bytes_sent": _settle,
    "created": _describe,
    "described": _picture,
    "pictured": _release,
    "released": _verify,
}
_FRACTIONS = {"intent": 0.02, "session_open": 0.1, "bytes_sent": 0.68, "created": 0.75, "described": 0.8, "pictured": 0.85, "released": 0.95}
