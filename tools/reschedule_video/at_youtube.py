"""Moving the time of a video at YouTube: its whole status is read, sent back with another `publishAt`, and read again.

YouTube takes a new `publishAt` while a video is private and was never public: https://developers.google.com/youtube/v3/docs/videos#status.publishAt
"""

from contextlib import closing
from dataclasses import replace
from datetime import datetime

from infra.database import Database
from memory.repositories.quota import Spender
from tools.base import ToolContext, ToolError
from tools.reschedule_video.schedule import Scheduled
from tools.vendors.youtube.client import YouTubeClient
from tools.youtube_consent import open_consent
from tools.youtube_door import Door


def move_at_youtube(one: Scheduled, database: Database, ctx: ToolContext) -> datetime:
    """Return the time that it had; raises ToolError where it cannot be moved any more, or YouTube keeps another time than it was told."""
    consent = open_consent(database, one.row.channel_id, ctx)
    door = Door(database, ctx, Spender(consent.client[0], f"reschedule:{ctx.job_id}", one.row.channel_id), ctx.settings.youtube_granted)
    with closing(YouTubeClient(consent.token, consent.client, ctx.settings.youtube_base_url)) as youtube:
        before = door.view(youtube, str(one.row.external_id))
        due = one.ensure_waits(before.flags.privacy, before.flags.publish_at, ctx.clock.now())
        if due == one.to:
            return due
        door.call("videos.update", lambda: youtube.set_flags(before.id, replace(before.flags, publish_at=one.to)))
        after = door.view(youtube, before.id)
    if (after.flags.privacy, after.flags.publish_at) != ("private", one.to):
        shown = f"{after.flags.privacy}, shown at {after.flags.publish_at}"
        raise ToolError(f"video {before.id}: is {shown} at YouTube after it was moved to {one.to:%Y-%m-%d %H:%M} UTC; look at it there", key=one.row.key)
    return due
