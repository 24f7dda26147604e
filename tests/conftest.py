"""What every test stands on: real services of the session, no network beyond this machine, no real key."""

import gc
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pytest_socket import socket_allow_hosts

pytest_plugins = ["tests.fixtures.services", "tests.fixtures.identity", "tests.fixtures.watching", "tests.fixtures.service"]

# To collect takes a thousand modules, none of which is ever garbage: looking through them again and again would take a quarter of the time.
gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage again, and never among what was imported."""
    gc.collect()
    gc.freeze()
    gc.enable()


# A developer's or CI's keys and servers must never reach a test: removed before any module reads its settings.
_environment = os.environ  # noqa: TID251 - the one place that cleans it
_LIVE = _environment.get("YTEMPIRE_LIVE", "").lower() in {"1", "true", "yes", "on"}
for _name in () if _LIVE else list(_environment):
    if (
        _name.endswith(("_API_KEY", "_SECRET_KEY", "_BASE_URL"))
        or _name.startswith("AWS_")
        or _name
        in {
            "YTEMPIRE_MEDIA",
            "DATABASE_URL",
            "DATABASE_PUBLISH_URL",
            "DATABASE_API_URL",
            "DATABASE_REPLICA_URL",
            "DATABASE_ADMIN_URL",
            "REDIS_URL",
            "YTEMPIRE_HOME",
        }
    ):
        del _environment[_name]


# The files that take minutes, longest first: begun last, one of them would run alone at the end of a suite on two cores.
_LONGEST = ("tests/evals/simulation/test_simulate.py", "tests/chaos/", "tests/api/test_stack.py", "tests/e2e/test_production.py", "tests/e2e/")


_ALL_SLOW = re.compile(r"^pytestmark = .*mark\.slow", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files of which `-m slow` or `-m "not slow"` would leave nothing: to import them takes every process of a run half a minute."""
    wanted = config.option.markexpr
    if wanted not in {"slow", "not slow"} or not (collection_path.name.startswith("test_") and collection_path.suffix == ".py"):
        return None
    text = collection_path.read_text("utf-8")
    nothing_left = "mark.slow" not in text if wanted == "slow" else _ALL_SLOW.search(text) is not None
    return True if nothing_left else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first and leave everything else where it is."""
    items.sort(key=lambda item: next((place for place, start in enumerate(_LONGEST) if item.nodeid.startswith(start)), len(_LONGEST)))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make fuzz` ask for more than the suite has time for."""
    parser.addoption("--fuzz", type=int, default=0, metavar="EXAMPLES", help="send the service so many examples of every operation as every role")


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest) -> None:
    """Let sockets reach this machine only: loopback addresses and unix sockets. Contract suites reach the real services when asked to."""
    if _LIVE and "contracts" in request.node.path.parts:
        return
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Undo a test's log set-up, which may point at a stream that ends with the test."""
    yield
    structlog.reset_defaults()
