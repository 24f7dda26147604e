"""A ledger and a metered provider for the tests of the gateway."""

from collections.abc import Iterator

import pytest

from infra.database import Database
from tests.fixtures.spending import Meter
from tools.sandbox import Sandbox


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, pool_size=10)
    yield opened
    opened.dispose()


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def provider(meter: Meter) -> Iterator[Sandbox]:
    with Sandbox(meter.app()) as sandbox:
        yield sandbox
