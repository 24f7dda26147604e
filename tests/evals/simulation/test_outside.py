"""The platform inside the process: the real client, no socket, every way in which a request can end."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from evals.simulation.outside import ROOT, Line, WorkerKilled, connected
from evals.simulation.world_state import PlatformPlays, Weather
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.errors import OutcomeUnknown, TryAgain
from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_faults import lost_reply
from tools.vendors.youtube.sandbox_world import World

CLIENT = ("sandbox.apps.googleusercontent.com", "sandbox-secret")


class Desk:
    """A platform with one channel, and the client of its owner."""

    def __init__(self) -> None:
        self.weather = Weather(seed=1)
        self.plays = PlatformPlays(self.weather)
        world = World(lambda: datetime(2026, 11, 1, tzinfo=UTC))
        world.add_account("UCtides")
        self.line = Line(youtube_app(world, self.plays))
        self.client = YouTubeClient("refresh-UCtides", CLIENT, ROOT, 262_144)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    made = Desk()
    with connected(made.line):
        yield made


def test_the_real_client_is_served_without_a_socket(desk: Desk) -> None:
    assert desk.client.channel().id == "UCtides"
    assert desk.client.list_uploads("UUtides") == ((), None)
    assert desk.line.requests == 3  # with the one for the token


def test_a_reply_that_is_lost_leaves_the_outcome_unknown(desk: Desk) -> None:
    desk.plays.play("playlistItems.list", lost_reply())
    with pytest.raises(OutcomeUnknown):
        desk.client.list_uploads("UUtides")


def test_a_cut_line_is_a_connection_that_breaks(desk: Desk) -> None:
    desk.line.cut = True
    with pytest.raises((OutcomeUnknown, TryAgain)):
        desk.client.list_uploads("UUtides")


def test_a_platform_that_is_down_or_storming_says_so(desk: Desk) -> None:
    desk.weather.down.add("youtube")
    with pytest.raises(TryAgain):
        desk.client.list_uploads("UUtides")
    desk.weather.down.clear()
    desk.weather.storming.add("youtube")
    with pytest.raises(TryAgain):
        desk.client.list_uploads("UUtides")
    desk.weather.storming.clear()
    assert desk.client.list_uploads("UUtides") == ((), None)


@pytest.mark.parametrize(("dies_at", "served"), [(1, 0), (2, 1), (-1, 1), (-2, 2)])
def test_a_worker_dies_before_or_after_the_request_of_a_number(desk: Desk, dies_at: int, served: int) -> None:
    desk.line.dies_at = dies_at
    with pytest.raises(WorkerKilled):
        desk.client.list_uploads("UUtides")
    assert desk.line.requests == served
    assert desk.client.list_uploads("UUtides") == ((), None)
