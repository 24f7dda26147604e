"""Pictures painted for sentences that none fits: off unless asked, at most four, never a person, and a refusal stops nothing."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agents.thumbnail_designer import IllustrateInput
from agents.thumbnail_designer.gather import gather
from agents.thumbnail_designer.painting import colour_word, names_person, palette_words, wanted
from agents.thumbnail_designer.rhythm import choose
from agents.thumbnail_designer.schemas import Candidate
from agents.thumbnail_designer.timing import plan_slots
from memory.artifacts import Beat, Format, Picture, Script, Sentence, VisualDirection
from memory.personality import get_personality, load_personalities
from tests.fixtures.illustrated_story import OWN, LocalContext, brief, narration, script
from tools.base import Args, ToolError, ToolSpec
from tools.generate_picture.schema import GeneratePictureArgs, GeneratePictureResult
from tools.paint_picture.schema import PaintPictureArgs, PaintPictureResult

LINES = (
    "Clouds gather over the northern hills in the evening.",
    "Rain follows over the dry river bed before the morning.",
    "Then the sand dunes change under the desert wind.",
    "Old oak trees stand beside the stone bridge.",
    "A wooden boat lies on the frozen lake.",
    "Tall grass covers the railway track.",
    "Marie Curie walked along the river bank.",
    "She kept glass bottles on the wooden shelf.",
)


def pictured(*lines: str) -> Script:
    sentences = tuple(
        Sentence(id=f"p{number}", text=text, role="fact", citations=("doc1#1",), visual=VisualDirection(kind="picture", focus=text, data={}))
        for number, text in enumerate(lines, 1)
    )
    return script().model_copy(update={"beats": (Beat(id="b1", heading="The evening", sentences=sentences),)})


@dataclass
class Painter(LocalContext):
    """A context whose painting tool answers at once, or refuses what holds a word."""

    refuses: str = "\0"
    painted: list[PaintPictureArgs] = field(default_factory=list)

    async def call(self, spec: ToolSpec[Any, Any], args: Args, patience_s: float | None = None) -> Any:  # noqa: ARG002 - the shape of a context
        """Answer for the painting tool; the others run in place."""
        if not isinstance(args, PaintPictureArgs):
            return await super().call(spec, args)
        self.painted.append(args)
        if self.refuses in args.prompt:
            raise ToolError("paint_picture: the model's safety checker withheld the picture; describe something else")
        picture = Picture(digest=f"{len(self.painted):064x}", width=args.width, height=args.height, caption=args.caption, rights=OWN)
        return PaintPictureResult(picture=picture, model="a-model", safety="checked", cached=False, took_s=0.1)


def task(told: Script, paints: bool = True, pictures: tuple[Picture, ...] = (), frame: Format = Format.LANDSCAPE) -> IllustrateInput:
    return IllustrateInput(script=told, narration=narration(told), brief=brief(), pictures=pictures, format=frame, paints=paints)


async def test_nothing_is_painted_unless_it_is_switched_on(tmp_path: Path) -> None:
    ctx = Painter(tmp_path)
    found = await gather(IllustrateInput(script=pictured(*LINES), narration=narration(pictured(*LINES)), brief=brief()), ctx)
    assert ctx.painted == []
    assert found.candidates == ()


async def test_at_most_four_sentences_are_painted_and_what_was_done_is_noted(tmp_path: Path) -> None:
    ctx = Painter(tmp_path)
    told = pictured(*LINES)
    found = await gather(task(told), ctx)
    assert len(ctx.painted) == len(found.candidates) == 4
    assert sum("generated picture (a-model, safety: checked)" in note for note in found.looked_at) == 4
    choices = choose(plan_slots(told, narration(told)), found.candidates)
    shown = [choice for choice in choices if choice.picture is not None]
    assert shown
    assert all(any("generated picture" in reason for reason in choice.reasons) for choice in shown)


async def test_a_refusal_is_noted_and_the_others_still_count(tmp_path: Path) -> None:
    ctx = Painter(tmp_path, refuses="bridge")
    found = await gather(task(pictured(*LINES[:4])), ctx)
    assert len(ctx.painted) == 4
    assert {one.sentence_id for one in found.candidates} == {"p1", "p2", "p3"}
    assert any("p4: no generated picture (paint_picture: the model's safety checker withheld" in note for note in found.looked_at)


async def test_a_sentence_that_names_a_person_is_never_painted_and_no_name_is_asked_for(tmp_path: Path) -> None:
    ctx = Painter(tmp_path)
    await gather(task(pictured(*LINES[6:], "Clouds gather over the hills.")), ctx)
    assert len(ctx.painted) == 1
    assert "hills" in ctx.painted[0].prompt.lower()
    assert "Curie" not in ctx.painted[0].prompt
    assert {"text", "logo", "recognizable face"} <= {one.strip() for one in ctx.painted[0].avoid.split(",")}


@pytest.mark.parametrize(
    "text", ["Einstein believed it.", "The boat of Ernest Shackleton sank.", "Her notebook burned.", "Dr. Who left.", "In Paris a bridge fell."]
)
def test_names_titles_and_pronouns_of_persons_are_known(text: str) -> None:
    assert names_person(text)


def test_a_name_heard_elsewhere_is_known_at_the_start_of_a_sentence() -> None:
    told = pictured("Curie washed glass bottles.", "Glass bottles belonged to Curie.", "Glass bottles stand on the shelf.")
    assert [one.id for one in wanted(told, ())] == ["p3"]


def test_a_picture_at_hand_that_fits_comes_first() -> None:
    told = pictured(*LINES[:2])
    own = Picture(digest="a" * 64, width=1600, height=900, caption="Clouds", rights=OWN)
    assert [one.id for one in wanted(told, (Candidate(sentence_id="p1", picture=own, fit=0.4),))] == ["p2"]


async def test_the_look_is_put_in_words_and_the_frame_decides_the_proportions(tmp_path: Path) -> None:
    ctx = Painter(tmp_path, personality=get_personality("deep-orbit"))
    await gather(task(pictured(LINES[0]), frame=Format.SHORT), ctx)
    asked = ctx.painted[0]
    assert "dramatic" in asked.prompt
    assert "colours " in asked.prompt
    assert asked.width < asked.height
    assert [colour_word(one) for one in ("#000000", "#ffffff", "#ff0000", "#0a2a6c")] == ["near black", "white", "red", "dark blue"]
    assert len({palette_words(one.look) for one in load_personalities().values()}) >= 10


async def test_a_paid_model_is_asked_in_its_own_words_and_only_where_nothing_paints_here(tmp_path: Path) -> None:
    class Buyer(Painter):
        bought: ClassVar[list[GeneratePictureArgs]] = []

        async def call(self, spec: ToolSpec[Any, Any], args: Args, patience_s: float | None = None) -> Any:  # noqa: ARG002 - the shape of a context
            if not isinstance(args, GeneratePictureArgs):
                return await super().call(spec, args)
            self.bought.append(args)
            picture = Picture(digest=f"{len(self.bought):064x}", width=1536, height=1024, caption=args.caption, rights=OWN)
            return GeneratePictureResult(picture=picture, model="a-paid-model")

    ctx = Buyer(tmp_path)
    asked = task(pictured(*LINES), paints=False).model_copy(update={"buys": True})
    found = await gather(asked, ctx)
    assert (len(ctx.bought), ctx.painted) == (4, [])
    assert ctx.bought[0].size == "1536x1024"
    assert "Leave out: text" in ctx.bought[0].prompt
    assert any("generated picture (a-paid-model, bought)" in note for note in found.looked_at)
    await gather(asked.model_copy(update={"paints": True}), ctx)
    assert (len(ctx.bought), len(ctx.painted)) == (4, 4)
