"""The storyboard covers the narration, keeps a watchable rhythm, ties each shot to its words, and says why."""

import asyncio
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from agents.thumbnail_designer import DesignInput, Illustrated, IllustrateInput, design, illustrate
from agents.thumbnail_designer.naming import mentions, plainly_named
from agents.thumbnail_designer.phrases import repeats
from agents.thumbnail_designer.rhythm import Choice
from agents.thumbnail_designer.storyboard import draw_calls, scene_of
from agents.thumbnail_designer.timing import Slot
from infra.errors import Invalid
from memory.artifacts import Format, Narration, Picture, VisualDirection
from memory.personality import get_personality
from tests.fixtures.illustrated_story import OWN, LocalContext, brief, narration, script
from tools.make_visual.schema import MakeVisualArgs

SCRIPT = script()
NARRATION = narration(SCRIPT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storyboard")


@pytest.fixture(scope="module")
def told(folder: Path) -> Illustrated:
    return asyncio.run(illustrate(IllustrateInput(script=SCRIPT, narration=NARRATION, brief=brief()), LocalContext(folder)))


def test_shots_cover_the_narration_without_a_gap_and_change_at_least_every_six_seconds(told: Illustrated) -> None:
    shots = told.storyboard.shots
    assert shots[0].start_s == 0
    assert NARRATION.duration_s <= shots[-1].end_s <= NARRATION.duration_s + 1.5
    assert all(abs(before.end_s - after.start_s) < 1e-6 for before, after in pairwise(shots))
    assert all(1.0 <= shot.end_s - shot.start_s <= 6.0 for shot in shots)


def test_cuts_fall_on_sentence_starts_or_between_words(told: Illustrated) -> None:
    starts = {round(word.start_s, 3) for word in NARRATION.words} | {round(one.start_s, 3) for one in NARRATION.sentences}
    assert all(shot.start_s in starts for shot in told.storyboard.shots)


def test_every_sentence_is_illustrated_by_a_shot_that_names_it(told: Illustrated) -> None:
    assert {sentence.id for sentence in SCRIPT.sentences} == {one for shot in told.storyboard.shots for one in shot.sentence_ids}


def test_the_rhythm_never_repeats_a_kind_three_times_and_uses_every_kind_the_words_fill(told: Illustrated) -> None:
    kinds = [shot.kind for shot in told.storyboard.shots]
    assert all(len(set(kinds[at : at + 3])) > 1 for at in range(len(kinds) - 2))
    assert kinds.count("picture") >= 3
    assert kinds[0] == "opener"
    assert kinds[-1] == "closing"
    assert {"number", "list", "chart", "comparison"} <= set(kinds)


def test_a_thing_is_drawn_only_where_the_words_or_the_story_name_it(told: Illustrated) -> None:
    story = set(plainly_named(f"{SCRIPT.title} {brief().topic}"))
    texts = {sentence.id: sentence.text for sentence in SCRIPT.sentences}
    drawn = [shot for shot in told.storyboard.shots if shot.scene["motif"]]
    assert len(drawn) >= 3
    for shot in drawn:
        named = {one.motif for sentence in shot.sentence_ids for one in mentions(texts[sentence])}
        assert shot.scene["motif"] in named | story, shot.reason


def test_no_shot_is_used_twice(told: Illustrated) -> None:
    grounds = [shot.layers[0].image for shot in told.storyboard.shots]
    assert len(set(grounds)) == len(grounds)


def test_motion_is_calm_and_alternates_and_transitions_are_short(told: Illustrated) -> None:
    shots = told.storyboard.shots
    assert all(min(shot.zoom_from, shot.zoom_to) >= 1.0 and max(shot.zoom_from, shot.zoom_to) <= 1.08 for shot in shots)
    assert all((before.zoom_to > before.zoom_from) != (after.zoom_to > after.zoom_from) for before, after in pairwise(shots))
    assert all(shot.transition_s <= 0.35 for shot in shots)
    assert {shot.transition for shot in shots} == {"cut", "fade"}


def test_each_shot_has_a_decision_with_its_reasons(told: Illustrated) -> None:
    assert len(told.decisions) == len(told.storyboard.shots) + 1
    assert all(decision.reasons and decision.agent == "thumbnail_designer" for decision in told.decisions)


def test_the_end_card_names_the_sources_and_credits(told: Illustrated) -> None:
    labels = [item["label"] for item in told.storyboard.shots[-1].scene["items"]]
    assert labels == ["Notes on a lake", "Invented survey"]


async def test_a_shot_that_cannot_be_set_is_drawn_as_a_headline_and_says_so(folder: Path) -> None:
    ctx = LocalContext(folder, fail_kinds=frozenset({"chart"}))
    told = await illustrate(IllustrateInput(script=SCRIPT, narration=NARRATION, brief=brief()), ctx)
    assert "chart" not in {shot.kind for shot in told.storyboard.shots}
    assert any("chart does not fit" in reason for decision in told.decisions for reason in decision.reasons)


async def test_a_picture_goes_once_to_the_sentence_it_fits_best_and_its_credit_is_shown(folder: Path) -> None:
    ctx = LocalContext(folder)
    ramp = np.tile(np.linspace(40, 220, 1000, dtype=np.uint8), (700, 1))
    picture = Picture(
        digest=ctx.store.put_bytes(cv2.imencode(".png", ramp)[1].tobytes()), width=1000, height=700, caption="Clouds over the hills in the evening", rights=OWN
    )
    told = await illustrate(IllustrateInput(script=SCRIPT, narration=NARRATION, brief=brief(), pictures=(picture,)), ctx)
    shown = [args for args in ctx.asked if isinstance(args, MakeVisualArgs) and args.picture == picture.digest]
    assert len(shown) == 1
    assert shown[0].credit == "The project"
    assert [shot.credit for shot in told.storyboard.shots].count("The project") == 1


async def test_calls_are_asked_in_shot_order_so_that_a_rerun_finds_its_jobs(folder: Path) -> None:
    ctx = LocalContext(folder)
    await illustrate(IllustrateInput(script=SCRIPT, narration=NARRATION, brief=brief()), ctx)
    marks = [args.mark for args in ctx.asked if isinstance(args, MakeVisualArgs)]
    assert marks == sorted(marks)


async def test_a_narration_without_sentences_is_refused(folder: Path) -> None:
    empty = Narration(audio="0" * 64, sample_rate_hz=22050, duration_s=1, words=(), sentences=(), voice="v", voice_licence="l")
    with pytest.raises(Invalid, match="no timed sentence"):
        await illustrate(IllustrateInput(script=SCRIPT, narration=empty, brief=brief()), LocalContext(folder))


async def test_thumbnails_are_designed_from_the_hook_and_say_that_the_order_is_a_heuristic(folder: Path) -> None:
    designed = await design(DesignInput(script=SCRIPT, brief=brief()), LocalContext(folder))
    assert len(designed.thumbnails.variants) == 3
    assert designed.thumbnails.method == "heuristic"
    assert "4.6 million" in designed.thumbnails.variants[0].text or any("4.6" in one.text for one in designed.thumbnails.variants)
    assert any("heuristic" in reason for reason in designed.decisions[-1].reasons)


async def test_a_short_is_drawn_upright(folder: Path) -> None:
    ctx = LocalContext(folder, format=Format.SHORT)
    few = NARRATION.model_copy(update={"sentences": NARRATION.sentences[:3], "duration_s": NARRATION.sentences[2].end_s})
    told = await illustrate(IllustrateInput(script=SCRIPT, narration=few, brief=brief(), format=Format.SHORT), ctx)
    assert told.storyboard.format is Format.SHORT
    assert all(args.format is Format.SHORT for args in ctx.asked if isinstance(args, MakeVisualArgs))


def test_a_first_chapter_card_shows_its_number_and_not_the_opener_s_thing() -> None:
    told = SCRIPT.sentences[3].model_copy(update={"visual": VisualDirection(kind="title", focus=SCRIPT.title, data={"kicker": "a", "chapter": 1})})
    slots = (Slot(0, 4, (SCRIPT.sentences[0],), SCRIPT.sentences[0].text), Slot(4, 7, (told,), told.text, opens_beat=True))
    choices = (Choice("opener", None, ("the hook",)), Choice("title", None, ("a chapter",)))
    opener, card = draw_calls(slots, choices, SCRIPT, brief(), (get_personality("field-notes"), Format.LANDSCAPE, 7))
    assert (card.scene.number, card.scene.kicker, card.motif, card.bare) == ("1", "Chapter", "", True)
    assert card.scene.title != opener.scene.title


def test_the_last_headlines_do_not_repeat_what_is_heard() -> None:
    last = SCRIPT.sentences[-1]
    person = get_personality("field-notes")
    parting = scene_of(Slot(0, 4, (last,), last.text), Choice("title", None, ("the end",)), SCRIPT, brief(), person)
    assert not repeats(parting.title, last.text)
    heard = SCRIPT.beats[-1].model_copy(update={"sentences": (last.model_copy(update={"text": f"{person.tagline} Goodbye."}),)})
    card = scene_of(Slot(4, 8, (last,), "", card=True), Choice("closing", None, ("the card",)), SCRIPT.model_copy(update={"beats": (heard,)}), brief(), person)
    assert card.title == person.name
