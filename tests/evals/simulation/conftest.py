"""Fixtures of the simulator's tests: one Postgres that takes its time from a virtual clock."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evals.simulation.database import SimulatedServer
from infra.embedded.postgres import PostgresUrls
from tests.fixtures.services import quick_folder


@pytest.fixture(scope="session")
def simulated_server() -> Iterator[SimulatedServer]:
    home = Path(tempfile.mkdtemp(prefix="ytempire-tests-simulation-", dir=quick_folder()))
    home.chmod(0o711)
    try:
        with SimulatedServer(home).running() as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def new_simulated(simulated_server: SimulatedServer) -> Callable[[], PostgresUrls]:
    numbers = itertools.count(1)
    return lambda: simulated_server.new_database(f"simulated_{next(numbers)}")
