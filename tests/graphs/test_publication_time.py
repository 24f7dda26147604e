"""A video is shown at its time and approved for it; one that comes too late is refused, asked about or published at once, as was said."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.clock import SYSTEM_CLOCK
from infra.errors import Invalid
from memory.artifacts import Listing
from tests.fixtures.autonomy import Skies
from tests.fixtures.production import World
from tests.fixtures.sources import FixedClock

NOW = datetime.now(UTC)  # noqa: TID251 - compared with the database's own time


def _listings(world: World, run_id: str) -> list[Listing]:
    with world.database.unit_of_work() as session:
        rows = session.connection().exec_driver_sql(f"select digest from artifacts where run_id = '{run_id}' and kind = 'listing' order by created_at").all()
    return [Listing.model_validate_json(world.book.store.read(digest)) for (digest,) in rows]


async def test_a_video_that_is_ready_early_waits_for_its_time_and_its_looks_count_from_there(world: World) -> None:
    due = NOW + timedelta(hours=5)
    run_id = await world.begin(publish_at=due.isoformat(), late="refuse")
    assert (await world.drive(run_id)).status == "published"
    (listing,) = _listings(world, run_id)
    assert (listing.privacy, listing.publish_at) == ("private", due)
    assert world.one("select published_at from publications") == due
    assert world.one("select details->>'publish_at' from publications") == due.isoformat()
    assert world.one("select min(due_at) from checks") == due + timedelta(hours=1)


async def test_only_what_is_public_waits_for_a_time(world: World) -> None:
    run_id = await world.begin(publish_at=(NOW + timedelta(hours=5)).isoformat(), privacy="unlisted")
    assert (await world.drive(run_id)).status == "published"
    (listing,) = _listings(world, run_id)
    assert (listing.privacy, listing.publish_at) == ("unlisted", None)


async def test_one_that_is_too_late_is_refused_with_the_reason_where_that_was_asked(world: World) -> None:
    run_id = await world.begin(publish_at=(NOW - timedelta(minutes=20)).isoformat(), late="refuse")
    ended = await world.drive(run_id)
    assert ended.status == "refused"
    assert "missed its time" in ended.reasons[0]
    assert world.one("select count(*) from publications") == 0
    assert world.one("select count(*) from approvals") == 0


@pytest.mark.parametrize(("minutes", "late"), [(2, "refuse"), (120, "publish")])
async def test_within_the_grace_or_where_that_was_asked_it_is_shown_at_once(world: World, minutes: int, late: str) -> None:
    # A suite may have begun long ago: what is within the grace now is counted from now.
    run_id = await world.begin(publish_at=(SYSTEM_CLOCK.now() - timedelta(minutes=minutes)).isoformat(), late=late)
    assert (await world.drive(run_id)).status == "published"
    (listing,) = _listings(world, run_id)
    assert (listing.privacy, listing.publish_at) == ("public", None)


async def test_one_that_is_too_late_waits_for_a_person_where_that_was_asked(world: World) -> None:
    run_id = await world.begin(publish_at=(NOW - timedelta(minutes=20)).isoformat(), late="ask")
    assert (await world.drive(run_id)).status == "waiting"
    await world.answer(run_id, {"type": "accept"})
    assert (await world.drive(run_id)).status == "published"


@pytest.mark.parametrize(("late", "ends"), [("refuse", "refused"), ("ask", "waiting"), ("publish", "published")])
async def test_a_time_that_passes_between_approval_and_publication_is_noticed(world: World, late: str, ends: str) -> None:
    due = NOW + timedelta(minutes=30)
    run_id = await world.begin("review", publish_at=due.isoformat(), late=late)
    assert (await world.drive(run_id)).status == "waiting"
    await world.answer(run_id, {"type": "accept"})
    with SYSTEM_CLOCK.installed(FixedClock(NOW + timedelta(hours=2))):
        ended = await world.drive(run_id)
        if late == "publish":  # listed anew for at once: its channel's policy still wants a person
            assert ended.status == "waiting"
            await world.answer(run_id, {"type": "accept"})
            ended = await world.drive(run_id)
    assert ended.status == ends
    assert world.one("select count(*) from publications") == (late == "publish")


async def test_a_person_who_accepts_after_the_time_has_decided_about_it(world: World) -> None:
    due = NOW - timedelta(minutes=30)
    run_id = await world.begin("review", publish_at=due.isoformat(), late="ask")
    with SYSTEM_CLOCK.installed(FixedClock(due - timedelta(hours=1))):
        assert (await world.drive(run_id)).status == "waiting"
    await world.answer(run_id, {"type": "accept"})
    assert (await world.drive(run_id)).status == "published"
    assert len(_listings(world, run_id)) == 1


async def test_a_person_moves_the_time_of_a_video_and_its_slot_with_it_and_what_else_they_changed_stays(world: World) -> None:
    skies = Skies(world)
    skies.begin(channels=("field-notes",), videos=1, autonomy="review")
    await skies.wake()
    skies.due_now()
    await skies.cycle()
    (slot,) = skies.slots()
    run_id = str(slot.production_run_id)
    later = (NOW + timedelta(hours=20)).replace(microsecond=0)
    for refused in (NOW, NOW + timedelta(days=400), NOW + timedelta(hours=60)):  # past, too far, and after its run
        with pytest.raises(Invalid, match="publish_at"):
            await world.answer(run_id, {"type": "edit", "args": {"publish_at": refused.isoformat()}})
    await world.answer(run_id, {"type": "edit", "args": {"title": "Our title"}})
    await world.drive(run_id)
    await world.answer(run_id, {"type": "edit", "args": {"publish_at": later.isoformat()}})
    await world.drive(run_id)
    newest = _listings(world, run_id)[-1]
    assert (newest.title, newest.publish_at, newest.privacy) == ("Our title", later, "private")
    (moved,) = skies.slots()
    assert (moved.status, moved.publish_at) == ("launched", later)
    assert moved.history[-1]["note"].endswith("as a person asked")
    await world.answer(run_id, {"type": "accept"})
    assert (await world.drive(run_id)).status == "published"
    assert world.one("select published_at from publications where run_id = :run", run=run_id) == later
