"""What a platform told, as its owner sees it: with its age and its gaps, and without anything that could steer a terminal."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from api.figures import figure_lines, figures_of_run
from infra.clock import SYSTEM_CLOCK
from memory.quota import pacific_day
from memory.repositories.checks import CheckRepository
from tests.graphs.platform_desk import PlatformDesk, open_desk
from tests.tools.upload_video.conftest import Rig
from tests.tools.upload_video.conftest import rig as publishing_rig

__all__ = ["publishing_rig"]


@pytest.fixture
def desk(publishing_rig: Rig) -> PlatformDesk:
    publishing_rig.clock.at = SYSTEM_CLOCK.now()
    return open_desk(publishing_rig)


async def test_counts_comments_days_and_reach_are_shown_with_their_age(desk: PlatformDesk) -> None:
    rig, day = desk.rig, pacific_day(desk.rig.clock.at)
    desk.video.views, desk.video.likes = 321, 12
    desk.video.days = {day + timedelta(days=n): {"views": 100.0 + n, "impressions": 2000.0, "ctr": 0.043} for n in range(3)}
    desk.say("Lovely \x1b[31mred\x1b[0m\nand a second line")
    await desk.look("1h")
    rig.advance(days=7)
    await desk.look("7d")
    with rig.database.unit_of_work() as session:
        session.execute(text("update readings set fetched_at = now() - interval '3 hours', expires_at = now() + interval '29 days'"))
    (seen,) = figures_of_run(rig.database, desk.task.key)
    lines = "\n".join(figure_lines([seen]))
    assert "YouTube, 3 h ago: 321 views, 12 likes, 1 comments" in lines
    assert f"YouTube Analytics of {day + timedelta(days=2)}, read 3 h ago: " in lines
    assert f"YouTube reach of {day + timedelta(days=2)}, read 3 h ago: thumbnail shown 2000 times, 4.3% clicked" in lines
    assert "Lovely  [31mred [0m and a second line" in lines
    assert "look after 7d: none, nothing done" in lines
    assert "\x1b" not in lines
    assert {one["check"]: one["status"] for one in seen["looks"]} == {"1h": "done", "24h": "scheduled", "72h": "scheduled", "7d": "done"}


async def test_what_has_expired_is_not_known_any_more(desk: PlatformDesk) -> None:
    desk.video.views = 321
    await desk.look("1h")
    with desk.rig.database.unit_of_work() as session:
        session.execute(text("update readings set fetched_at = fetched_at - interval '31 days', expires_at = expires_at - interval '31 days'"))
    (seen,) = figures_of_run(desk.rig.database, desk.task.key)
    assert seen["figures"] == {"statistics": None, "days": [], "reach": [], "comments": []}
    assert not any("views" in line for line in figure_lines([seen]))


async def test_the_next_look_can_be_made_before_its_time_and_only_that(desk: PlatformDesk) -> None:
    for kind in ("1h", "24h", "72h", "7d"):
        with desk.rig.database.unit_of_work() as session:
            assert CheckRepository(session).hasten(desk.task.key)
        assert [made.kind for made in await desk.runner.run_due(run_id=desk.task.key)] == [kind]
    with desk.rig.database.unit_of_work() as session:
        assert not CheckRepository(session).hasten(desk.task.key)
    assert await desk.runner.run_due(run_id="run_another") == ()
