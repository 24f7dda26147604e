"""A studio's database with one channel, one video and one run, for the tests of repositories."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.database import Database
from memory.records.runs import RunRecord
from memory.records.videos import VideoRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.runs import RunRepository
from memory.repositories.videos import VideoRepository


@dataclass(frozen=True)
class Studio:
    """The ids of what is in the database."""

    database: Database
    channel: str = "tide_lines"
    video: str = "video_1"
    run: str = "run_1"

    def add_run(self, run_id: str, channel_id: str | None = None) -> None:
        """Add one more run."""
        with self.database.unit_of_work() as session:
            run = RunRecord(id=run_id, channel_id=channel_id or self.channel, video_id=self.video, request={"seconds": 60}, provenance="demo")
            RunRepository(session).create(run)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The test's own migrated database, through the restricted role."""
    database = Database(database_url, pool_size=10)
    yield database
    database.dispose()


@pytest.fixture
def studio(database: Database) -> Studio:
    """A database that holds one channel, one video and one run."""
    studio = Studio(database)
    with database.unit_of_work() as session:
        ChannelRepository(session).ensure(studio.channel, "tide_lines", "Tide Lines")
        VideoRepository(session).create(VideoRecord(id=studio.video, channel_id=studio.channel, format="landscape", seconds=60, provenance="demo"))
    studio.add_run(studio.run)
    return studio
