"""Where it was published is told the new time first and read back; only then do the studio's own rows say it."""

from memory.repositories.publications import PublicationRepository
from memory.repositories.showings import move_showing
from tools.base import ToolContext, ToolError
from tools.job_database import job_database
from tools.reschedule_video.at_youtube import move_at_youtube
from tools.reschedule_video.in_library import move_in_library
from tools.reschedule_video.schedule import Scheduled
from tools.reschedule_video.schema import RescheduleVideoArgs, RescheduleVideoResult


def run(args: RescheduleVideoArgs, ctx: ToolContext) -> RescheduleVideoResult:
    """Give a video that waits to be shown another time; doing it again changes nothing.

    It stays private meanwhile, and what was approved of it stays as it is. Raises ToolError when it is not scheduled there any more, is about to be
    shown, its new time passed while the job waited, or it is read back otherwise.
    """
    with job_database(ctx, "reschedule_video") as database, database.unit_of_work() as session:
        publications = PublicationRepository(session)
        # Until this transaction ends, after the calls: were it pulled back between them, the new time would show it after all.
        publications.hold_visibility(args.key)
        row = publications.find_by_key(args.key)
        if row is None or row.state != "verified":
            raise ToolError(f"key {args.key}: there is no such publication that waits to be shown", key=args.key)
        one = Scheduled(row, args.publish_at.replace(microsecond=0), args.reason)
        one.ensure_time(ctx.clock.now())
        previous = move_at_youtube(one, database, ctx) if args.place == "youtube" else move_in_library(one, ctx)
        move_showing(session, row.id, one.to, args.reason)
    location = row.external_url or args.key
    return RescheduleVideoResult(location=location, previous=previous, publish_at=one.to, changed=previous != one.to, verified=True)
