"""Changing who can see a video at YouTube: its whole status is read, sent back with another privacy, and read again."""

from contextlib import closing
from dataclasses import replace

from memory.repositories.publications import PublicationRepository
from memory.repositories.quota import Spender
from tools.base import ToolContext, ToolError
from tools.change_visibility.schema import ChangeVisibilityArgs, ChangeVisibilityResult
from tools.job_database import job_database
from tools.vendors.youtube.client import YouTubeClient
from tools.youtube_consent import open_consent
from tools.youtube_door import Door


def change_at_youtube(args: ChangeVisibilityArgs, ctx: ToolContext) -> ChangeVisibilityResult:
    """Set a video's privacy and read it back; raises ToolError when there is no such video, or it is still seen otherwise."""
    with job_database(ctx, "change_visibility") as database, database.unit_of_work() as held:
        # Until the end: a move of its time that was under way would put it on the schedule again.
        PublicationRepository(held).hold_visibility(args.key)
        row = PublicationRepository(held).find_by_key(args.key)
        if row is None or row.external_id is None:
            raise ToolError(f"key {args.key}: there is no such publication at YouTube", key=args.key)
        consent = open_consent(database, row.channel_id, ctx)
        door = Door(database, ctx, Spender(consent.client[0], f"visibility:{ctx.job_id}", row.channel_id), ctx.settings.youtube_granted)
        with closing(YouTubeClient(consent.token, consent.client, ctx.settings.youtube_base_url)) as youtube:
            before = door.view(youtube, row.external_id)
            # One that waits for its time is taken off the schedule, so that its time does not show it after all.
            changed = before.flags.privacy != args.privacy or before.flags.publish_at is not None
            if changed:
                flags = replace(before.flags, privacy=args.privacy, publish_at=None)
                door.call("videos.update", lambda: youtube.set_flags(before.id, flags))
            after = door.view(youtube, row.external_id) if changed else before
        if after.flags.privacy != args.privacy:
            raise ToolError(f"video {before.id}: is {after.flags.privacy} at YouTube after it was set to {args.privacy}; look at it there", key=args.key)
        with database.unit_of_work() as session:
            PublicationRepository(session).note(row.id, {"privacy": args.privacy, "visibility_reason": args.reason})
    return ChangeVisibilityResult(location=str(row.external_url), previous=before.flags.privacy, privacy=after.flags.privacy, changed=changed, verified=True)
