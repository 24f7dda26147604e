"""Fifteen channels publish for thirty days with faults and deaths: no second video, no quota overrun, and nearly everything on time.

The suite takes two days. All thirty: `pytest tests/tools/upload_video/test_fleet.py --hypothesis-profile=long`.
"""

import heapq
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import settings

from infra.errors import StudioError
from infra.ids import seeded
from memory.repositories.quota import QuotaLedger
from tests.tools.upload_video.conftest import CLIENT, START, Killed, Rig
from tests.tools.upload_video.test_histories import FAULTS, PLACES
from tools.upload_video.schema import UploadVideoArgs
from tools.worker_faults import judge

CHANNELS = 15
ON_TIME = timedelta(minutes=5)
_LEASE_S = 15.0


@dataclass(order=True)
class Due:
    """A publication to be tried at a time; `number` keeps the order of equals."""

    at: datetime
    number: int
    planned: datetime
    task: UploadVideoArgs
    failures: int = 0


def _try(rig: Rig, due: Due, trouble: float) -> float | None:
    """Try once, perhaps with a fault or a death; return the seconds until the next try, None when it is done."""
    draw = seeded("fleet", due.number, due.failures, due.at)
    if draw.random() < trouble:
        place = draw.choice(sorted(PLACES))
        rig.plays.play(place, FAULTS[draw.choice(PLACES[place])])
    try:
        rig.attempt(due.task, kill_at=draw.randint(1, 45) if draw.random() < trouble / 2 else 0)
    except Killed:
        return _LEASE_S
    except StudioError as error:
        wait = judge(error, due.task.key, due.failures).retry_in_s
        if wait is None:
            raise
        return wait
    finally:
        rig.plays.queued.clear()
    return None


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_fleet_publishes_on_time_once_and_within_its_quota(rig: Rig) -> None:
    days = 30 if settings.get_current_profile_name() == "long" else 2
    for number in range(CHANNELS):
        rig.add_channel(f"ch{number}")
    queue: list[Due] = []
    for number in range(CHANNELS * days):
        planned = START + timedelta(days=number // CHANNELS, minutes=4 * (number % CHANNELS))
        queue.append(Due(planned, number, planned, rig.task(f"ch{number % CHANNELS}", chunks=0)))
    late, tries, tasks = 0, 0, [due.task for due in queue]
    heapq.heapify(queue)
    while queue:
        due = heapq.heappop(queue)
        rig.clock.at = max(rig.clock.at, due.at)
        wait, tries = _try(rig, due, trouble=0.2), tries + 1
        if wait is not None:
            heapq.heappush(queue, Due(rig.clock.at + timedelta(seconds=wait), due.number, due.planned, due.task, due.failures + 1))
        elif rig.clock.at - due.planned > ON_TIME:
            late += 1
        with rig.database.unit_of_work() as session:
            left = QuotaLedger(session, rig.clock.now()).summary(CLIENT[0])
        assert all(rig.world.limits[bucket] - rig.world.spent[bucket, rig.world.day()] >= left[bucket] for bucket in rig.world.limits)
    assert [rig.videos_of(task) for task in tasks] == [1] * len(tasks)
    assert {rig.row(task).state for task in tasks} == {"verified"}
    assert rig.world.turned_away == 0
    assert tries > len(tasks)
    assert late <= len(tasks) // 100
