"""What the media gate sends back: the named stage with what was found, each stage once, and then a refusal that names the checks."""

from typing import Any

import pytest

from graphs import media
from memory.artifacts import CaptionStyle, GateResult
from tests.fixtures.production import World, measured

SILENCE = GateResult(name="silence", passed=False, measured="longest 2.40 s at 3.0 s", limit="at most 1.5 s", stage="narrate", value=2.4, bound=1.5, at_s=3.0)
STILL = GateResult(name="visual_change", passed=False, measured="longest 8.00 s", limit="at most 6.0 s", stage="illustrate", value=8.0, bound=6.0, at_s=1.2)
QUIET = GateResult(name="loudness", passed=False, measured="-20.0 LUFS", limit="-14.0 +-1.0 LUFS", stage="render", value=-20.0, bound=-14.0)
BROKEN = GateResult(name="decodes", passed=False, measured="1 complaints: corrupt", limit="none", stage="")


def said(*gates: GateResult) -> dict[str, Any]:
    return {"passed": not gates, "gates": [gate.model_dump() for gate in gates], "facts": {}}


async def test_the_earliest_named_stage_is_sent_back_and_every_named_stage_after_it_hears_its_own_findings(world: World) -> None:
    world.players.inspections = [said(QUIET, STILL), said()]
    assert (await world.drive(await world.begin())).status == "published"
    counted = world.counted()
    assert [counted[job] for job in ("narrate.0", "illustrate.0", "illustrate.1", "render.1", "inspect.1")] == [1, 1, 1, 1, 1]
    assert counted["narrate.1"] == counted["design_thumbnail.1"] == 0
    assert [task.findings for task in world.cast.illustrated] == [(), (STILL,)]
    first, second = (args.correction for args in world.caller.rendered)
    assert (first.take, first.gain_db) == (0, 0.0)
    assert (second.take, second.gain_db) == (1, 6.0)


async def test_a_stage_that_is_sent_back_reads_what_was_measured_its_limit_and_where_in_the_film(world: World) -> None:
    world.players.inspections = [said(SILENCE), said()]
    assert (await world.drive(await world.begin())).status == "published"
    assert [task.findings for task in world.cast.narrated] == [(), (SILENCE,)]
    assert {"illustrate.1", "render.1"} <= set(world.caller.ran)


async def test_each_stage_is_sent_back_at_most_once_and_keeps_what_it_heard(world: World) -> None:
    world.players.inspections = [said(STILL), said(SILENCE), said(BROKEN), said(QUIET)]
    ended = await world.drive(await world.begin())
    assert (ended.status, ended.reasons) == ("refused", ("render: loudness measured -20.0 LUFS, limit -14.0 +-1.0 LUFS",))
    assert [task.findings for task in world.cast.illustrated] == [(), (STILL,), (STILL,)]
    assert [args.correction.take for args in world.caller.rendered] == [0, 0, 0, 3]
    assert world.counted()["inspect.3"] == 1
    assert "publish.1" not in world.caller.ran


async def test_a_stage_that_fails_again_is_refused_with_the_checks_and_where_they_failed(world: World) -> None:
    world.players.inspections = [said(STILL)]
    run_id = await world.begin()
    ended = await world.drive(run_id)
    assert (ended.status, ended.reasons) == ("refused", ("illustrate: visual_change measured longest 8.00 s at 1.2 s, limit at most 6.0 s",))
    assert world.run(run_id).status == "refused"
    assert world.counted()["inspect.1"] == 1


async def test_what_only_warned_sends_nothing_back(world: World) -> None:
    world.players.inspections = [measured("narrate", severity="warn")]
    assert (await world.drive(await world.begin())).status == "published"
    assert "narrate.1" not in world.caller.ran


@pytest.mark.parametrize(
    ("found", "moved"),
    [
        ((), (0, 0.0, 0.0)),
        ((QUIET.model_copy(update={"value": -15.5}),), (1, 1.5, 0.0)),
        ((QUIET.model_copy(update={"value": -3.0}),), (1, -6.0, 0.0)),
        ((GateResult(name="true_peak", passed=False, measured="", limit="", value=-0.2, bound=-1.0),), (1, 0.0, -1.1)),
        ((BROKEN,), (1, 0.0, 0.0)),
    ],
)
def test_another_render_is_made_afresh_and_moves_the_level_by_what_it_was_off(found: tuple[GateResult, ...], moved: tuple[int, float, float]) -> None:
    correction = media.correction(found, 1)
    assert (correction.take, correction.gain_db, correction.ceiling_db) == moved


def test_captions_that_left_their_place_or_were_not_seen_are_set_plainer() -> None:
    style = CaptionStyle(family="f", uppercase=True)
    wide = GateResult(name="captions_in_safe_area", passed=False, measured="4 words", limit="none")
    unseen = GateResult(name="captions_burned_in", passed=False, measured="20%", limit="70%")
    assert media.plainer(style, ()) == style
    assert media.plainer(style, (wide,)).uppercase is False
    assert media.plainer(style, (unseen,)).treatment == "plate"
