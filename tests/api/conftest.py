"""Fixtures of the service's tests: beside the service, a studio on the same database whose agents say what the test scripts."""

from collections.abc import AsyncIterator

import pytest

from infra.embedded.postgres import PostgresUrls
from infra.log import configure_logging
from infra.settings import Settings
from tests.fixtures.desk import desk
from tests.fixtures.production import World, new_world

__all__ = ["desk"]


@pytest.fixture
async def world(database_urls: PostgresUrls, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A studio whose agents and tools say what the test scripts."""
    configure_logging("WARNING")
    async with new_world(database_urls, settings, monkeypatch.setattr) as opened:
        yield opened
