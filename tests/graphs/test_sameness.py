"""The sameness budget in the production graph: too alike, a video is sent back once and then refused, and every measurement is kept."""

from memory.artifacts import Provenance
from memory.repositories.fingerprints import FingerprintRepository
from tests.fixtures.production import World
from tests.fixtures.spam import spam

PLAIN = (
    "Lighthouses were lit with whale oil until kerosene became cheaper.",
    "A keeper climbed the stairs every evening and trimmed the wick by hand.",
    "Electric lamps ended that work within a few decades.",
)
OTHER = (
    "Bees find their way home by the position of the sun.",
    "On cloudy days they read polarised light instead, which people cannot see.",
    "Young foragers circle the hive first, and learn what it looks like.",
)


async def test_a_script_with_other_nouns_is_sent_back_once_and_then_refused(world: World) -> None:
    world.players.says = spam
    first = await world.drive(await world.begin())
    assert first.status == "published"
    run_id = await world.begin()
    second = await world.drive(run_id)
    assert second.status == "refused"
    assert "too alike in wording: 1.00 to “Draft 0” of field-notes, at most 0.35 is allowed" in second.reasons
    assert [one.revision for one in world.cast.written] == [0, 0, 1]
    asked = world.cast.written[-1].review
    assert asked is not None
    assert {one.criterion for one in asked.blocking} == {"sameness"}
    assert len(asked.blocking[0].sentence_ids) >= 8
    assert world.one("select count(*) from sameness_checks where run_id = :run and not passed", run=run_id) == 2
    assert world.one("select count(*) from publications where run_id = :run", run=run_id) == 0


async def test_the_same_script_is_caught_on_another_channel_too(world: World) -> None:
    world.players.says = spam
    await world.drive(await world.begin())
    ended = await world.drive(await world.begin(channel="grid-hour"))
    assert ended.status == "refused"
    assert any("too alike in wording across channels: 1.00 to “Draft 0” of field-notes" in reason for reason in ended.reasons)


async def test_what_is_rewritten_to_be_unlike_goes_on(world: World) -> None:
    scripts = [spam(0), spam(1), PLAIN]
    world.players.says = lambda number: scripts[number - 1]
    await world.drive(await world.begin())
    run_id = await world.begin()
    assert (await world.drive(run_id)).status == "published"
    with world.database.unit_of_work() as session:
        found = FingerprintRepository(session).checks("field-notes", "real")
    assert [(one.run_id == run_id, one.iteration, one.passed) for one in found if one.stage == "script" and one.run_id == run_id] == [
        (True, 1, True),
        (True, 0, False),
    ]


async def test_nothing_of_another_kind_of_truth_is_compared(world: World) -> None:
    world.players.says = spam
    world.players.provenance = Provenance.REHEARSAL
    await world.drive(await world.begin())
    world.players.provenance = Provenance.REAL
    assert (await world.drive(await world.begin())).status == "published"


async def test_a_refused_video_is_nothing_to_be_alike_to(world: World) -> None:
    world.players.says = spam
    world.players.passed = False
    assert (await world.drive(await world.begin())).status == "refused"
    world.players.passed = True
    assert (await world.drive(await world.begin())).status == "published"


LIT, DARK = "ff" * 32 + ":" + "c0" * 27, "0f" * 32 + ":" + "10" * 27


async def test_the_next_thumbnail_takes_the_place_of_one_too_alike(world: World) -> None:
    scripts = [PLAIN, OTHER]
    world.players.says = lambda number: scripts[number - 1]
    world.players.likenesses = (LIT, LIT, DARK)
    assert (await world.drive(await world.begin())).status == "published"
    run_id = await world.begin()
    assert (await world.drive(run_id)).status == "published"
    with world.database.unit_of_work() as session:
        kept = FingerprintRepository(session).newest(await _other(world), "real", 5, other_channels=True)
    assert {one.run_id: one.body["thumbnail"] for one in kept}[run_id] == DARK


async def test_without_any_thumbnail_unlike_the_earlier_ones_the_run_is_refused(world: World) -> None:
    scripts = [PLAIN, OTHER]
    world.players.says = lambda number: scripts[number - 1]
    world.players.likenesses = (LIT, LIT, LIT)
    assert (await world.drive(await world.begin())).status == "published"
    ended = await world.drive(await world.begin())
    assert (ended.status, ended.reasons) == ("refused", ("every thumbnail is too alike to an earlier one: 1.00, limit 0.75",))


async def _other(world: World) -> str:
    """Return a run of another channel, which sees everything of this one."""
    return await world.begin(channel="grid-hour")
