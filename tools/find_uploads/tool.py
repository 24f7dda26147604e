"""A channel's newest uploads beside the publications on record, recognised by the reference line of their descriptions."""

import re
from collections.abc import Iterator
from contextlib import closing

from infra.database import Database
from memory.records.publications import STEPS, PublicationRecord
from memory.repositories.publications import PublicationRepository
from memory.repositories.quota import Spender
from tools.base import ToolContext
from tools.find_uploads.schema import SPEC, FindUploadsArgs, FindUploadsResult
from tools.job_database import job_database
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.port import UploadEntry
from tools.vendors.youtube.reference import REFERENCE_DIGITS, REFERENCE_PREFIX, reference_of
from tools.youtube_consent import open_consent
from tools.youtube_door import Door

# 50 a page: the newest 200, as far as the publisher itself looks back.
_PAGES = 4
_REFERENCE = re.compile(rf"^{REFERENCE_PREFIX}([0-9a-f]{{{REFERENCE_DIGITS}}})\s*$", re.MULTILINE)
_CREATED = STEPS.index("created")


def run(args: FindUploadsArgs, ctx: ToolContext) -> FindUploadsResult:
    """Read the channel's newest 200 uploads, at one unit of quota for each 50, and compare; nothing is changed there or here.

    Raises NotConnected, ConsentEnded, VaultLocked, LimitReached and the faults of the platform.
    """
    with job_database(ctx, SPEC.name) as database:
        consent = open_consent(database, args.channel, ctx)
        with closing(YouTubeClient(consent.token, consent.client, ctx.settings.youtube_base_url)) as youtube:
            door = Door(database, ctx, Spender(consent.client[0], f"find:{ctx.job_id}", args.channel), ctx.settings.youtube_granted)
            entries = tuple(_uploads(youtube, door, consent.connection.uploads_playlist))
        return _compare(entries, args, database)


def _uploads(youtube: YouTubeClient, door: Door, playlist: str) -> Iterator[UploadEntry]:
    page: str | None = None
    for _ in range(_PAGES):
        entries, page = door.call("playlistItems.list", lambda page=page: youtube.list_uploads(playlist, page))  # type: ignore[misc]
        yield from entries
        if page is None:
            return


def _compare(entries: tuple[UploadEntry, ...], args: FindUploadsArgs, database: Database) -> FindUploadsResult:
    found = {marks[-1]: entry.video_id for entry in entries if (marks := _REFERENCE.findall(entry.description))}
    with database.unit_of_work() as session:
        rows = {reference_of(row.key): row for row in _publications(PublicationRepository(session), args.channel)}
    expected = {reference_of(key): key for key in args.expected}
    ahead = [rows[mark].key for mark in found if mark in rows and _behind(rows[mark])]
    ahead += [expected[mark] for mark in found if mark in expected and mark not in rows]
    unknown = [video for mark, video in found.items() if mark not in rows and mark not in expected]
    return FindUploadsResult(marked=len(found), ahead=tuple(sorted(ahead)), unknown=tuple(sorted(unknown)))


def _publications(publications: PublicationRepository, channel: str) -> Iterator[PublicationRecord]:
    cursor: str | None = None
    while True:
        page = publications.list_(channel_id=channel, cursor=cursor, limit=200)
        yield from page.items
        if (cursor := page.next) is None:
            return


def _behind(row: PublicationRecord) -> bool:
    return row.state in STEPS and STEPS.index(row.state) < _CREATED
