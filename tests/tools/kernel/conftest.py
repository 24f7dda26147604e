"""A running kernel for each module of tests."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from infra.embedded.postgres import PostgresUrls
from tests.fixtures.kernel import PATIENT, Call, Kernel, calling, new_kernel


@pytest.fixture(scope="module")
def standing(new_database: Callable[[], PostgresUrls], services_home: Path) -> Iterator[Kernel]:
    """A kernel with a dispatcher and two io workers that the tests of a module share, and leave alive.

    As patient as the product, so that on a busy machine no worker is taken for dead.
    """
    with new_kernel(new_database().app, Path(tempfile.mkdtemp(dir=services_home))) as kernel:
        kernel.dispatcher(**PATIENT)
        kernel.start_workers("io", 2, **PATIENT)
        yield kernel


@pytest.fixture
def kernel(new_database: Callable[[], PostgresUrls], services_home: Path) -> Iterator[Kernel]:
    """A kernel of the test's own with no process yet, for tests that kill."""
    with new_kernel(new_database().app, Path(tempfile.mkdtemp(dir=services_home))) as made:
        yield made


@pytest.fixture
async def call(standing: Kernel) -> AsyncIterator[Call]:
    """A function that calls probes in the standing kernel."""
    async with calling(standing) as function:
        yield function
