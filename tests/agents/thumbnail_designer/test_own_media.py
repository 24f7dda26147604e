"""Own pictures and clips: ranked against the sentences, first where the channel asks, and never longer than they last."""

from pathlib import Path

from agents.thumbnail_designer import IllustrateInput, illustrate
from agents.thumbnail_designer.gather import gather
from agents.thumbnail_designer.rhythm import choose
from agents.thumbnail_designer.schemas import Candidate
from agents.thumbnail_designer.timing import Slot
from memory.artifacts import Clip, Picture, Sentence, VisualDirection
from memory.rights import Rights
from tests.fixtures.clips import counting_file
from tests.fixtures.illustrated_story import LocalContext, brief, narration, script

OWN, STOCK = Rights(licence="OWN"), Rights(licence="STOCK", credit="Someone on Pexels")


def clip(seconds: float) -> Clip:
    return Clip(digest="c" * 64, width=1280, height=720, frames=round(30 * seconds), fps=30)


def picture(digest: str, rights: Rights = STOCK, moving: Clip | None = None) -> Picture:
    return Picture(digest=digest * 64, width=1280, height=720, caption="a lake", rights=rights, clip=moving)


def slot(seconds: float) -> Slot:
    sentence = Sentence(id="s1", text="The lake lies still.", role="fact", citations=("d#1",), visual=VisualDirection(kind="picture"))
    return Slot(0.0, seconds, (sentence,), sentence.text)


def test_own_media_go_before_better_fits_only_where_the_channel_asks() -> None:
    stock = Candidate(sentence_id="s1", picture=picture("a"), fit=0.9)
    own = Candidate(sentence_id="s1", picture=picture("b", OWN), fit=0.3)
    assert choose([slot(4)], [stock, own])[0].picture == stock.picture
    first = own.model_copy(update={"first": True})
    chosen = choose([slot(4)], [stock, first])[0]
    assert chosen.picture == own.picture
    assert "own media first" in chosen.reasons[-1]
    poor = first.model_copy(update={"fit": 0.05})
    assert choose([slot(4)], [stock, poor])[0].picture == stock.picture


def test_a_clip_is_not_given_to_a_shot_that_it_does_not_last_for() -> None:
    short = Candidate(sentence_id="s1", picture=picture("a", OWN, clip(2.0)), fit=0.9, first=True)
    still = Candidate(sentence_id="s1", picture=picture("b"), fit=0.4)
    assert choose([slot(3.6)], [short, still])[0].picture == short.picture
    assert choose([slot(4.0)], [short, still])[0].picture == still.picture


async def test_a_channel_s_own_folder_is_read_once_ranked_and_shown_and_what_is_set_aside_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    told = script()
    sentence = next(one for one in told.sentences if one.visual.kind in {"picture", "any", "map"} and one.citations)
    counting_file(folder / f"{sentence.text.rstrip('.')[:80]}.mp4", 240, size=(1280, 720))
    (folder / "zero.mov").write_bytes(b"")
    (folder / "zero.jpg").write_bytes(b"")
    ctx = LocalContext(tmp_path)
    ctx.personality = ctx.personality.model_copy(update={"own_media": "first"})
    task = IllustrateInput(script=told, narration=narration(told), brief=brief(), own_folder=str(folder))
    found = await gather(task, ctx)
    best = max((one for one in found.candidates if one.sentence_id == sentence.id), key=lambda one: one.fit)
    assert best.first
    assert best.fit > 0.5
    assert any("zero.mov: clip: the file is empty (0 bytes)" in note for note in found.looked_at)
    assert any("zero.jpg: picture: the file is empty (0 bytes)" in note for note in found.looked_at)
    made = await illustrate(task, ctx)
    moving = [one for one in made.storyboard.shots if one.layers[0].footage is not None]
    assert len(moving) == 1
    assert moving[0].credit == ""
    missing = await gather(task.model_copy(update={"own_folder": str(tmp_path / "gone")}), ctx)
    assert any("there is no such folder" in note for note in missing.looked_at)
