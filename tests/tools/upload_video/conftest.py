"""A studio with connected channels, a stand-in platform, and publications that can be run, killed, overtaken and run again."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.ids import json_digest
from infra.keyring import new_key
from infra.settings import Settings
from memory.artifacts import Listing, Manifest, Provenance
from memory.media import MediaStore
from memory.records.publications import PublicationRecord
from memory.records.runs import RunRecord
from memory.records.videos import VideoRecord
from memory.repositories.approvals import ApprovalRepository, NewApproval
from memory.repositories.channels import ChannelRepository
from memory.repositories.platform_channels import Connection, PlatformChannelRepository
from memory.repositories.publications import PublicationRepository
from memory.repositories.runs import RunRepository
from memory.repositories.videos import VideoRepository
from memory.vault import Vault
from tools.base import ToolContext
from tools.sandbox import Sandbox
from tools.upload_video.schema import UploadVideoArgs, UploadVideoResult
from tools.upload_video.tool import publish_with, run
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.consent_page import SCOPES
from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_faults import Plays
from tools.vendors.youtube.sandbox_world import World
from tools.worker_faults import LeaseLost

CLIENT = ("sandbox.apps.googleusercontent.com", "sandbox-secret")
GRAIN = 262_144
hypothesis_settings.register_profile("long", max_examples=200)
START = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


class Killed(BaseException):
    """The process died here."""


@dataclass
class TestClock:
    """A clock that the test moves."""

    __test__ = False
    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()


class Shaky:
    """The real client, with something happening before and after each of its requests."""

    def __init__(self, client: YouTubeClient, tick: Callable[[str], None]) -> None:
        self._client, self._tick = client, tick

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return found

        def ask(*args: object, **named: object) -> object:
            self._tick(f"before {name}")
            answer = found(*args, **named)
            self._tick(f"after {name}")
            return answer

        return ask


@dataclass
class Rig:
    """Everything a publication needs, kept for one test."""

    database: Database
    settings: Settings
    store: MediaStore
    world: World
    plays: Plays
    server: Sandbox
    clock: TestClock
    clients: dict[str, YouTubeClient] = field(default_factory=dict)
    made: int = 0

    def add_channel(self, channel: str, **account: Any) -> None:
        """Add a channel of the studio, connected to one of the platform."""
        external = f"UC{channel}"
        self.world.add_account(external, channel, **account)
        connection = Connection(channel, external, channel, CLIENT[0], "rehearsal", f"UU{channel}", SCOPES)
        with self.database.unit_of_work() as session:
            ChannelRepository(session).ensure(channel, "tide_lines", channel)
            PlatformChannelRepository(session).connect(connection, f"refresh-{external}", self.vault)
        self.clients[channel] = YouTubeClient(f"refresh-{external}", CLIENT, self.server.url, GRAIN)

    @property
    def vault(self) -> Vault:
        assert self.settings.token_keys is not None
        return Vault([self.settings.token_keys.get_secret_value()])

    def task(self, channel: str = "tides", chunks: int = 2, captions: bytes | None = None, **listing: Any) -> UploadVideoArgs:
        """Make a fresh approved video of `chunks` and a half chunks."""
        self.made += 1
        run_id = f"run_{self.made:06d}"
        words = {
            **{"title": f"How tides work {self.made}", "description": "Twice a day.", "tags": ("tides", "the moon"), "language": "en", "chapters": ()},
            **{"category": "nature", "privacy": "public", "made_for_kids": False, "contains_synthetic_media": True, "license": "youtube"},
        }
        manifest = Manifest(
            channel_id=channel,
            video=self.store.put_bytes(os.urandom(chunks * GRAIN + 1000)),
            thumbnail=self.store.put_bytes(b"\xff\xd8\xff\xe0" + run_id.encode()),
            captions=self.store.put_bytes(b"1\n00:00:00,000 --> 00:00:01,000\nTides\n" + run_id.encode() if captions is None else captions),
            listing=Listing.model_validate({**words, **listing}),
            provenance=Provenance.REHEARSAL,
        )
        digest = json_digest(manifest.model_dump(mode="json"))
        with self.database.unit_of_work() as session:
            VideoRepository(session).create(VideoRecord(id=f"v{self.made}", channel_id=channel, format="landscape", seconds=60, provenance="rehearsal"))
            RunRepository(session).create(RunRecord(id=run_id, channel_id=channel, video_id=f"v{self.made}", request={"seconds": 60}, provenance="rehearsal"))
            approvals = ApprovalRepository(session)
            approvals.decide(approvals.request(NewApproval(run_id, "video", "i", digest, {})).id, "accept", "ada", {})
        return UploadVideoArgs(key=run_id, manifest=manifest, approved=digest)

    def context(self, task: UploadVideoArgs, ensure_live: Callable[[], None] = lambda: None) -> ToolContext:
        """Return what a worker would give the tool."""
        return ToolContext(
            settings=self.settings,
            store=self.store,
            scratch=Path("scratch"),
            job_id=f"job-{task.key}",
            run_id=task.key,
            channel_id=task.manifest.channel_id,
            provenance=Provenance.REHEARSAL,
            clock=self.clock,
            ensure_live=ensure_live,
        )

    def run(self, task: UploadVideoArgs) -> UploadVideoResult:
        """Run the tool as a worker does."""
        return run(task, self.context(task))

    def attempt(self, task: UploadVideoArgs, kill_at: int = 0, overtake_at: int = 0) -> UploadVideoResult:
        """Run the states with a death at the moment of that number (from 1), or with another worker doing it all in between."""
        moments, stale = 0, False

        def tick(_: str) -> None:
            nonlocal moments, stale
            moments += 1
            if moments == kill_at:
                raise Killed
            if moments == overtake_at:
                stale = True
                self.attempt(task)

        def live() -> None:
            tick("fence")
            if stale:
                raise LeaseLost("another worker owns the job now")

        channel = task.manifest.channel_id
        with self.database.unit_of_work() as session:
            connection = PlatformChannelRepository(session).get(channel)
        youtube: Any = Shaky(self.clients[channel], tick)
        return publish_with(youtube, connection, self.database, task, self.context(task, live))

    def row(self, task: UploadVideoArgs) -> PublicationRecord:
        """Return the publication's record."""
        with self.database.unit_of_work() as session:
            found = PublicationRepository(session).find_by_key(task.key)
        assert found is not None
        return found

    def videos_of(self, task: UploadVideoArgs) -> int:
        """Return how many videos the platform ever made of a task."""
        return sum(video.sha256 == task.manifest.video for video in self.world.videos.values())

    def advance(self, **by: float) -> None:
        """Let time pass for everybody."""
        self.clock.at += timedelta(**by)


@pytest.fixture
def rig(database_urls: PostgresUrls, tmp_path: Path) -> Iterator[Rig]:
    """A fresh studio with one connected channel, `tides`."""
    clock = TestClock()
    world, plays = World(clock.now), Plays()
    database = Database(database_urls.publish, pool_size=5)
    with Sandbox(youtube_app(world, plays)) as server:
        settings = Settings(
            _env_file=None,
            home=tmp_path,
            database_url=database_urls.publish,
            youtube_client_id=CLIENT[0],
            youtube_client_secret=CLIENT[1],
            youtube_base_url=server.url,
            youtube_chunk_bytes=GRAIN,
            token_keys=new_key(),
        )
        rig = Rig(database, settings, MediaStore(tmp_path / "media"), world, plays, server, clock)
        rig.add_channel("tides", playlists={"PLtides": []})
        yield rig
        for client in rig.clients.values():
            client.close()
    database.dispose()


def with_playlist(task: UploadVideoArgs) -> UploadVideoArgs:
    """Return the task with the channel's playlist."""
    return task.model_copy(update={"playlist": "PLtides"})
