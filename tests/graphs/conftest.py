"""Fixtures of the production graph's tests."""

from collections.abc import AsyncIterator

import pytest

from infra.embedded.postgres import PostgresUrls
from infra.log import configure_logging
from infra.settings import Settings
from tests.fixtures.production import World, new_world


@pytest.fixture
async def world(database_urls: PostgresUrls, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A studio whose agents and tools say what the test scripts."""
    # As in the product: the default log draws every local of a traceback, which blocks the loop for seconds on a busy machine.
    configure_logging("WARNING")
    async with new_world(database_urls, settings, monkeypatch.setattr) as opened:
        yield opened
