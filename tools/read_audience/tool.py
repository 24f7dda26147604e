"""A look at a publication's audience: each part by itself, so that one that cannot be read leaves the others."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from infra.database import Database
from memory.records.publications import PublicationRecord
from memory.repositories.platform_channels import ConsentEnded, NotConnected, PlatformChannelRepository
from memory.repositories.publications import PublicationRepository
from memory.repositories.quota import Spender
from tools.base import ToolContext, ToolError, ToolRetry
from tools.job_database import job_database
from tools.read_audience.parts import Parts, Unread
from tools.read_audience.schema import SPEC, Gap, Part, ReadAudienceArgs, ReadAudienceResult
from tools.read_audience.shelf import Shelf, expiry_of
from tools.vendors.youtube.audience_client import AudienceClient
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.errors import LimitReached, Platform, ReauthoriseNeeded
from tools.youtube_consent import OpenConsent, open_consent
from tools.youtube_door import Door

PUBLISHER = "youtube"


def run(args: ReadAudienceArgs, ctx: ToolContext) -> ReadAudienceResult:
    """Read a publication's counts, its comments where the counts show new ones, and with `reports` its analytics and reach.

    What is read is kept as readings for 30 days at most; the result names them. A part that cannot be read is a gap and never waited for:
    the next look comes. Passing faults are raised until the last attempt, on which they are gaps too. Raises ToolError for a publication that is
    not at the platform.
    """
    with job_database(ctx, SPEC.name) as database:
        publication = _published(args.key, database)
        shelf = Shelf(database, ctx, publication)
        try:
            consent = open_consent(database, publication.channel_id, ctx)
        except (ConsentEnded, NotConnected) as error:
            return _result(shelf, None, "", (Gap(part="consent", code=error.code, reason=error.message),))
        base = ctx.settings.youtube_base_url
        with closing(YouTubeClient(consent.token, consent.client, base)) as youtube, closing(AudienceClient(consent.token, consent.client, base)) as audience:
            door = Door(database, ctx, Spender(consent.client[0], f"audience:{ctx.job_id}", publication.channel_id), ctx.settings.youtube_granted)
            return _look(Look(shelf, Parts(shelf, door, youtube, audience, consent.connection)), args, consent)


@dataclass
class Look:
    """One look and what it could not read."""

    shelf: Shelf
    parts: Parts
    gaps: list[Gap] = field(default_factory=list)
    is_open: bool = True

    def take(self, part: Part, read: Callable[[], None]) -> bool:
        """Read one part; False when it is a gap. After the consent's end nothing more is asked."""
        if not self.is_open:
            return False
        try:
            read()
        except (LimitReached, Unread, Platform) as error:
            self.is_open = not isinstance(error, ReauthoriseNeeded)
            self.gaps.append(Gap(part=part if self.is_open else "consent", code=error.code, reason=error.message))
            return False
        except ToolRetry as error:
            if self.shelf.ctx.attempt < SPEC.max_attempts:
                raise
            self.gaps.append(Gap(part=part, code=error.code, reason=error.message))
            return False
        return True


def _look(look: Look, args: ReadAudienceArgs, consent: OpenConsent) -> ReadAudienceResult:
    parts, ctx = look.parts, look.shelf.ctx
    asked = look.take("video", parts.video)
    ctx.progress(0.2, "counts")
    if asked and parts.found:
        look.take("statistics", parts.statistics)
        ctx.progress(0.4, "comments")
        look.take("comments", parts.comments)
        look.take("reach", parts.reach_job)
    if asked and parts.found and args.reports:
        ctx.progress(0.6, "reports")
        look.take("analytics", parts.analytics)
        look.take("reach", parts.reach)
    if asked:
        _verified(look.shelf.database, consent)
    told = _result(look.shelf, parts.found if asked else None, parts.privacy, tuple(look.gaps))
    return told.model_copy(update={"rejected": parts.rejected})


def _result(shelf: Shelf, found: bool | None, privacy: str, gaps: tuple[Gap, ...]) -> ReadAudienceResult:
    comments = shelf.own("comment")
    figures = (*shelf.own("statistics"), *shelf.own("day"), *shelf.own("reach"))
    fields = {"found": found, "privacy": privacy, "gaps": gaps, "expires_at": expiry_of((*comments, *figures))}
    return ReadAudienceResult.model_validate({**fields, "comments": tuple(one.id for one in comments), "figures": tuple(one.id for one in figures)})


def _verified(database: Database, consent: OpenConsent) -> None:
    """Note that the consent still held: what is kept under it must be checked so at least every 30 days."""
    with database.unit_of_work() as session:
        PlatformChannelRepository(session).mark_verified(consent.connection.channel_id)


def _published(key: str, database: Database) -> PublicationRecord:
    with database.unit_of_work() as session:
        found = PublicationRepository(session).find_by_key(key)
    if found is None or found.publisher != PUBLISHER or found.external_id is None:
        raise ToolError(f"key {key}: it is no publication at YouTube", key=key)
    return found
