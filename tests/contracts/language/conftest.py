"""Every client of the language port against its vendor's stand-in; one server for each vendor serves all tests of a module."""

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.embedded.postgres import PostgresUrls
from tests.fixtures.language import VENDORS, Bench, Standing, Vendor
from tools.sandbox import Sandbox


@pytest.fixture(scope="module", params=VENDORS, ids=lambda vendor: vendor.name)
def standing(request: pytest.FixtureRequest) -> Iterator[Standing]:
    """A vendor's running stand-in."""
    vendor: Vendor = request.param
    app = vendor.app(deque())
    with Sandbox(app) as sandbox:
        yield Standing(vendor, sandbox, app.state.script)


@pytest.fixture
def bench(standing: Standing, tmp_path: Path) -> Bench:
    """One vendor's stand-in as new, without a ledger."""
    return standing.bench(tmp_path)


@pytest.fixture(scope="module")
def ledger_url(new_database: Callable[[], PostgresUrls]) -> str:
    """A database that the tests of a module share; each books under a run of its own."""
    return new_database().app


@pytest.fixture
def paid(standing: Standing, tmp_path: Path, ledger_url: str) -> Bench:
    """One vendor's stand-in as new, with a ledger."""
    return standing.bench(tmp_path, database_url=ledger_url)
