"""The video of a run: written down once the scout knows what it is about and on what kind of truth, named by its listing."""

import asyncio

from graphs.context import Studio
from infra.ids import new_id
from memory.artifacts import Provenance
from memory.records.videos import VideoRecord
from memory.repositories.runs import RunRepository
from memory.repositories.videos import VideoRepository


async def settle(studio: Studio, provenance: Provenance, topic: str | None) -> None:
    """Record what kind of truth the run works on and, with a topic, the video it makes; a re-run finds the same video."""

    def write() -> None:
        lease = studio.lease
        if lease is None:
            return
        with studio.database.unit_of_work() as session:
            runs, videos = RunRepository(session), VideoRepository(session)
            runs.settle_provenance(lease, provenance.value)
            run = runs.get(studio.run_id)
            if topic is None or run.video_id is not None:
                return
            request = studio.request
            fields = {"topic": topic, "format": request.format.value, "seconds": request.seconds, "provenance": provenance.value}
            video = videos.create(VideoRecord(id=new_id("video"), channel_id=studio.channel_id, title="", **fields))
            runs.link_video(lease, video.id)

    await asyncio.to_thread(write)


async def name(studio: Studio, topic: str, title: str) -> None:
    """Record under which title the video is to be published."""

    def write() -> None:
        with studio.database.unit_of_work() as session:
            runs = RunRepository(session)
            studio.ensure_held(runs)
            video_id = runs.get(studio.run_id).video_id
            if video_id is not None:
                VideoRepository(session).name(video_id, topic, title)

    await asyncio.to_thread(write)
