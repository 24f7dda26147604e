"""The stand-in as `ytempire sandbox` serves it: one channel, whose owner consents at once."""

from starlette.applications import Starlette

from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_world import World

CHANNEL = "UCrehearsal"


def rehearsed_youtube() -> Starlette:
    """Return the platform with the channel `UCrehearsal`."""
    world = World()
    world.add_account(CHANNEL, "Rehearsal", playlists={"PLrehearsal": []})
    return youtube_app(world)


def rehearsed_client(url: str) -> dict[str, str]:
    """Return the variables that send the studio's YouTube calls to `url`, with the OAuth client that the stand-in knows."""
    (client, secret), *_ = World().client_secrets.items()
    return {"YOUTUBE_BASE_URL": url, "YOUTUBE_CLIENT_ID": client, "YOUTUBE_CLIENT_SECRET": secret}
