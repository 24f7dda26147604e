"""How soon trouble is an incident: the real turns of the monitor over the stand-in platform, on a clock that every call of a tool moves."""

import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from evals.simulation.bus import Switchboard
from evals.simulation.clock import VirtualClock
from evals.simulation.database import Outlet
from evals.simulation.models_durations import SPREADS
from infra.clock import SYSTEM_CLOCK
from infra.database import attended
from infra.embedded.postgres import PostgresUrls
from memory.repositories.incidents import IncidentRepository
from tests.graphs.platform_desk import CHANNEL, Here, open_desk
from tests.graphs.watchtower import NOTICES, SEEN_BY_LOOKING, Seed, Tower
from tests.tools.upload_video.conftest import START, Rig, TestClock
from tests.tools.upload_video.conftest import rig as publishing_rig
from tools.base import Args, Result, ToolSpec
from tools.call import JobKey, RunScope
from tools.read_audience.schema import ReadAudienceResult

__all__ = ["publishing_rig"]
A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)

# The slowest of the product's own settings between two turns, and calls three deviations slower than their median.
_TURN_EVERY = timedelta(seconds=30)
_SLOW = 3
_WITHIN = timedelta(minutes=5)


class DatabaseTime(VirtualClock):
    """Lets the database live by the clock that the test moves."""

    def __init__(self) -> None:
        super().__init__(START)
        self.shown: TestClock | None = None

    def database_now(self) -> datetime:
        """Return what the test's clock shows."""
        return self.shown.at if self.shown else START


class Timed(Here):
    """Runs each tool in this process and lets the time pass that it takes; `told_at` is when a look was first told something else than the first."""

    first: tuple[object, ...] | None = None
    told_at: datetime | None = None

    async def call(self, spec: ToolSpec[A, R], args: A, *, key: JobKey, agent: str, run: RunScope) -> R:
        began = self.rig.clock.at
        result = await super().call(spec, args, key=key, agent=agent, run=run)
        spread = SPREADS[spec.name]
        self.rig.clock.at += timedelta(seconds=spread.median_s * math.exp(_SLOW * spread.sigma))
        if isinstance(result, ReadAudienceResult):
            told = (result.found, result.privacy, result.rejected, result.comments, [gap for gap in result.gaps if gap.part == "consent"])
            self.first = self.first or told
            self.told_at = self.told_at or (began if told != self.first else None)
        return result


@pytest.fixture
def time() -> DatabaseTime:
    return DatabaseTime()


@pytest.fixture
def database_urls(new_simulated: Callable[[], PostgresUrls], time: DatabaseTime) -> Iterator[PostgresUrls]:
    with attended(Outlet(time, Switchboard())):
        yield new_simulated()


@pytest.fixture
def timed(publishing_rig: Rig, time: DatabaseTime) -> Iterator[Timed]:
    time.shown = publishing_rig.clock
    with SYSTEM_CLOCK.installed(publishing_rig.clock):
        yield Timed(publishing_rig, publishing_rig.settings.model_copy(update={"youtube_derived_scores": True, "mail_authserv": "mx.example"}))


@pytest.fixture
def tower(publishing_rig: Rig, timed: Timed) -> Tower:
    desk = open_desk(publishing_rig)
    desk.caller = timed
    return Tower(desk)


async def _until(tower: Tower, reached: Callable[[], bool], within: timedelta = timedelta(minutes=30)) -> None:
    """Turn as often as the product does until something is so."""
    ends_at = tower.rig.clock.at + within
    while not reached():
        assert tower.rig.clock.at < ends_at
        tower.rig.clock.at += _TURN_EVERY
        await tower.crisis.turn()


def _opened(tower: Tower, kind: str) -> list[datetime]:
    """Return when incidents were opened that name a kind of trouble."""
    with tower.rig.database.unit_of_work() as session:
        return [one.opened_at for one in IncidentRepository(session).list_().items if kind == one.kind or f"{kind} (" in one.summary]


def _withdraw(tower: Tower) -> None:
    tower.rig.world.accounts[f"UC{CHANNEL}"].revoked = True


SEEN_BY_THE_PLATFORM = [*((kind, seed) for kind, seed, _ in SEEN_BY_LOOKING), ("consent_lost", _withdraw)]


@pytest.mark.parametrize(("kind", "seed"), SEEN_BY_THE_PLATFORM, ids=[one[0] for one in SEEN_BY_THE_PLATFORM])
async def test_trouble_is_an_incident_within_five_minutes_of_the_poll_that_shows_it(tower: Tower, timed: Timed, kind: str, seed: Seed) -> None:
    await _until(tower, lambda: timed.first is not None)
    assert _opened(tower, kind) == []
    seed(tower)
    await _until(tower, lambda: _opened(tower, kind) != [])
    assert timed.told_at is not None
    assert timedelta(0) < _opened(tower, kind)[0] - timed.told_at <= _WITHIN


@pytest.mark.parametrize(("kind", "body"), [one[:2] for one in NOTICES], ids=[one[0] for one in NOTICES])
async def test_a_letter_is_an_incident_within_five_minutes_of_lying_in_the_inbox(tower: Tower, timed: Timed, kind: str, body: str) -> None:
    await _until(tower, lambda: timed.first is not None)
    assert _opened(tower, kind) == []
    tower.mail(body)
    came_at = tower.rig.clock.at
    await _until(tower, lambda: _opened(tower, kind) != [])
    assert timedelta(0) < _opened(tower, kind)[0] - came_at <= _WITHIN


def test_at_least_eight_types_are_timed() -> None:
    assert len({*(one[0] for one in SEEN_BY_THE_PLATFORM), *(one[0] for one in NOTICES)}) >= 8
