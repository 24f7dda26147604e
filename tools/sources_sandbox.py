"""Every source's stand-in under one origin, as `settings.sources_sandbox_url` expects it."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

FOLDERS = ("feeds", "hackernews", "wikipedia", "wikinews", "wikimedia", "openverse", "nasa")


def sources_app(parts: dict[str, ASGIApp]) -> Starlette:
    """Mount stand-ins by the folder the tools look for: `feeds` (paths `/<host>/<path>` of the real addresses), `hackernews`, `wikipedia`,
    `wikinews`, `wikimedia`, `openverse`, `nasa`. A folder left out answers 404, like a service that is gone."""
    routes: list[BaseRoute] = [Mount(f"/{folder}", app=parts[folder]) for folder in FOLDERS if folder in parts]
    return Starlette(routes=routes)
