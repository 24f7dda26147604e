"""Fixtures of the production graph's tests."""

from collections.abc import AsyncIterator

import pytest

from infra.embedded.postgres import PostgresUrls
from infra.settings import Settings
from tests.fixtures.production import World, new_world


@pytest.fixture
async def world(database_urls: PostgresUrls, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A studio whose agents and tools say what the test scripts."""
    async with new_world(database_urls, settings, monkeypatch.setattr) as opened:
        yield opened
