"""The short version of `make soak`: the whole stack under load and faults for a minute; nothing lost, doubled, leaked or left running."""

import pytest
from rich.console import Console

from evals.soak import measure_soak


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_stack_under_faults_loses_nothing_and_leaves_nothing() -> None:
    report = measure_soak(1.0, 5, Console(stderr=True))
    assert report["broken"] == []
    assert (report["lost"], report["duplicates"], report["repaid"]) == (0, 0, 0)
    assert report["published"] >= 1
    hit = [fault for fault in report["faults"] if fault["hit"]]
    assert len(hit) >= 3
    assert all(fault["recovery_s"] is not None for fault in hit)
