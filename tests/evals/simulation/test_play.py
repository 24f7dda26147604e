"""Whole simulated runs: the real studio over the simulated world, struck as planned and watched."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evals.simulation.faults import Fault
from evals.simulation.report import Report
from evals.simulation.world import SimulatedWorld
from evals.simulation.world_play import Asked, Play
from infra.clock import SYSTEM_CLOCK
from infra.embedded.postgres import PostgresUrls
from infra.errors import Invalid
from infra.log import configure_logging
from infra.settings import Settings, load_settings


@pytest.fixture
def play(new_simulated: Callable[[], PostgresUrls], tmp_path: Path) -> Callable[[Asked], Report]:
    configure_logging("CRITICAL")
    made = iter(range(100))

    def played(asked: Asked, plan: tuple[Fault, ...] | None = None) -> Report:
        home = tmp_path / f"studio-{next(made)}"
        (home / "cache").mkdir(parents=True)
        (home / "cache" / "models").symlink_to(load_settings().cache_root / "models", target_is_directory=True)
        one = Play(asked, new_simulated(), home, Settings(_env_file=None, home=home))
        one.plan = one.plan if plan is None else plan
        report = one.run()
        assert one.engine.machine.crashes == []
        return report

    return played


def test_with_nothing_wrong_everything_comes_on_time(play: Callable[[Asked], Report]) -> None:
    report = play(Asked(seed=1, hours=4, channels=2, level="none"))
    assert report.kept, report.violations
    assert report.due == report.on_time == report.published > 0
    assert (report.faults, report.unrecovered, report.lost, report.duplicates, report.unapproved) == ({}, 0, 0, 0, 0)
    assert report.uptime > 0.99


def test_corrected_sources_and_letters_of_the_platform_are_incidents_within_five_minutes_of_being_seen(play: Callable[..., Report]) -> None:
    # A source is corrected soon after its video was published, before the first look at it; the platform writes once there is a video.
    channel = SimulatedWorld(1, 1, SYSTEM_CLOCK.now, Path()).channels[0]
    corrections = [Fault(120.0 * number, "source_correction") for number in range(1, 85)]
    letters = [Fault(8_000.0, "claim", channel), Fault(9_000.0, "strike", channel)]
    report = play(Asked(seed=1, hours=3, channels=1, level="none"), tuple(sorted((*corrections, *letters), key=lambda one: one.at_s)))
    assert report.kept, report.violations
    assert set(report.signs) == {"claim", "source_correction", "strike"}
    assert all(one.given == one.shown == one.found > 0 for one in report.signs.values()), report.signs
    assert max(one.slowest_s for one in report.signs.values()) <= 300


@pytest.mark.parametrize(("field", "wrong"), [("channels", {"channels": 0}), ("channels", {"channels": 21}), ("hours", {"hours": 0.5})])
def test_what_cannot_be_simulated_is_refused_by_name(field: str, wrong: dict[str, float]) -> None:
    with pytest.raises(Invalid, match=f"^{field}:"):
        Asked(seed=1, **wrong)  # type: ignore[arg-type]
