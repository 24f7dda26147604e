"""A platform that is down keeps nobody from hearing of the trouble: what the monitor decided and could not do is told, tried again, and done."""

import pytest
from sqlalchemy import text

from graphs.reversal import AGAIN
from infra.clock import SYSTEM_CLOCK
from infra.errors import StudioError
from memory.records.incidents import IncidentActionRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.incidents import IncidentRepository
from tests.graphs.platform_desk import CHANNEL, open_desk
from tests.graphs.watchtower import CALLED_FOR_BY, Tower
from tests.tools.upload_video.conftest import Rig
from tests.tools.upload_video.conftest import rig as publishing_rig
from tools.vendors.youtube.sandbox_faults import refused

__all__ = ["publishing_rig"]


@pytest.fixture
def rig(publishing_rig: Rig) -> Rig:
    publishing_rig.clock.at = SYSTEM_CLOCK.now()
    return publishing_rig


@pytest.fixture
async def tower(rig: Rig) -> Tower:
    tower = Tower(open_desk(rig, youtube_derived_scores=True, mail_authserv="mx.example"))
    await tower.crisis.turn()
    return tower


def down(tower: Tower, *, away: bool = True) -> None:
    """Let the platform refuse to change a video, or change it again."""
    tower.rig.plays.always("videos.update", refused("rateLimitExceeded") if away else None)


async def later(tower: Tower) -> None:
    """Let so much time pass that what failed is due again, and make a turn."""
    with tower.rig.database.unit_of_work() as session:
        session.execute(text("update incident_actions set at = at - make_interval(secs => :rest)"), {"rest": AGAIN.total_seconds()})
    await tower.crisis.turn()


async def put_off(tower: Tower, action: str) -> IncidentActionRecord:
    """Let trouble befall that calls for the action while the platform is down."""
    down(tower)
    kind, befall = CALLED_FOR_BY[action]
    befall(tower, "first")
    if action == "make_private":
        await tower.look()
    else:
        await tower.crisis.turn()
    return tower.acts(kind)[action]


@pytest.mark.parametrize("action", ["make_private", "unlist"])
async def test_trouble_is_told_though_the_platform_is_down_and_the_action_is_done_once_it_is_back(tower: Tower, action: str) -> None:
    kind = CALLED_FOR_BY[action][0]
    failed = await put_off(tower, action)
    assert (failed.status, tower.privacy()) == ("failed", "public")
    assert "could not be done now and is tried again" in tower.incident(kind).summary
    # The rest of the verdict stands.
    beside = "draft_reply" if action == "make_private" else "hold"
    assert tower.acts(kind)[beside].status == "done"
    await later(tower)
    still = tower.acts(kind)[action]
    assert (still.status, still.details["tries"]) == ("failed", 1)
    down(tower, away=False)
    await tower.crisis.turn()
    assert tower.privacy() == "public", "an action that has just failed is not asked for at once"
    await later(tower)
    done = tower.acts(kind)[action]
    assert (done.status, done.by, tower.stands(action)) == ("done", "crisis_monitor", True)
    await tower.actions.take_back(done.id, "ada")
    assert tower.privacy() == "public"
    await later(tower)
    assert tower.privacy() == "public", "what a person took back is left alone"


async def test_a_person_may_do_at_once_what_failed(tower: Tower) -> None:
    failed = await put_off(tower, "unlist")
    with pytest.raises(StudioError):
        await tower.actions.carry_out(failed.id, "ada")
    down(tower, away=False)
    done = await tower.actions.carry_out(failed.id, "ada")
    assert (done.status, done.by, tower.privacy()) == ("done", "ada", "unlisted")


async def test_what_the_channel_reserves_by_now_waits_for_a_person(tower: Tower) -> None:
    await put_off(tower, "make_private")
    with tower.rig.database.unit_of_work() as session:
        ChannelRepository(session).set_autonomy(CHANNEL, "manual")
    down(tower, away=False)
    await later(tower)
    assert (tower.acts("factual_challenge")["make_private"].status, tower.privacy()) == ("wanted", "public")


async def test_what_failed_in_a_resolved_incident_is_left(tower: Tower) -> None:
    failed = await put_off(tower, "unlist")
    with tower.rig.database.unit_of_work() as session:
        IncidentRepository(session).resolve(failed.incident_id, "ada", "seen to by hand")
    down(tower, away=False)
    await later(tower)
    assert tower.privacy() == "public"
