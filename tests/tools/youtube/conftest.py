"""A stand-in platform on loopback with one channel, and the real client connected to it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.sandbox import Sandbox
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.port import NewVideo, VideoFlags, VideoText
from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_faults import Plays
from tools.vendors.youtube.sandbox_world import Account, World

CLIENT = ("sandbox.apps.googleusercontent.com", "sandbox-secret")
GRAIN = 262_144


@dataclass
class Stage:
    """The platform, its script, and where it listens."""

    world: World
    plays: Plays
    server: Sandbox
    account: Account

    def client(self, account: Account | None = None, chunk_bytes: int = GRAIN) -> YouTubeClient:
        """Connect the real client as an account."""
        return YouTubeClient((account or self.account).refresh_token, CLIENT, self.server.url, chunk_bytes)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A fresh platform."""
    world, plays = World(), Plays()
    account = world.add_account("UCtides", "Tide Lines", playlists={"PLtides": []})
    with Sandbox(youtube_app(world, plays)) as server:
        yield Stage(world, plays, server, account)


@pytest.fixture
def youtube(stage: Stage) -> Iterator[YouTubeClient]:
    """The real client of the one channel."""
    client = stage.client()
    yield client
    client.close()


@pytest.fixture
def video(tmp_path: Path) -> NewVideo:
    """Two and a half chunks of bytes, listed privately with every flag set."""
    file = tmp_path / "video.mp4"
    file.write_bytes(os.urandom(2 * GRAIN + 1000))
    text = VideoText("How tides work", "Twice a day.\n\nReference: abc", ("tides", "the moon"), "27", "en")
    return NewVideo(text, VideoFlags("private", False, True, "youtube", True), notify_subscribers=False, file=file, size=file.stat().st_size)
