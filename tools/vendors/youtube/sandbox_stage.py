"""The stand-in as a rehearsal sees it: a platform channel for each of the studio's, whose owners have consented."""

from collections.abc import Sequence

from starlette.applications import Starlette

from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_audience import thread
from tools.vendors.youtube.sandbox_world import Account, Video, World

_NAME = "UCrehearsal"


def staged_account(channel: str) -> Account:
    """Return the account that stands in for a studio channel's; its refresh token is valid there and nowhere else."""
    return World().add_account(f"{_NAME}-{channel}", f"Rehearsal of {channel}", playlists={"PLrehearsal": []})


def rehearsed_youtube(channels: Sequence[str] = ()) -> Starlette:
    """Return the platform with an account for each of the studio's `channels`, and one of the plain name `UCrehearsal`."""
    world = World()
    world.greet = lambda video: _greet(video, world)
    world.add_account(_NAME, "Rehearsal", playlists={"PLrehearsal": []})
    staged = [staged_account(channel) for channel in channels]
    world.accounts |= {account.channel_id: account for account in staged}
    return youtube_app(world)


def _greet(video: Video, world: World) -> None:
    """Give a rehearsed video an audience at once, so that its first look has something to read."""
    video.views, video.likes = 48, 5
    said = ("Rehearsal: thank you, that was clear", "Rehearsal: where does the second number come from?")
    video.comments += [thread(f"{video.id}-{number}", text, f"viewer{number}", world.now()) for number, text in enumerate(said)]


def rehearsed_client(url: str) -> dict[str, str]:
    """Return the variables that send the studio's YouTube calls to `url`, with the OAuth client that the stand-in knows."""
    (client, secret), *_ = World().client_secrets.items()
    return {"YOUTUBE_BASE_URL": url, "YOUTUBE_CLIENT_ID": client, "YOUTUBE_CLIENT_SECRET": secret}
