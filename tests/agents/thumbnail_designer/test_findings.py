"""The illustrator reacts to what the media gate found: shots are split, made plainer, or drawn from other views."""

from pathlib import Path

from agents.thumbnail_designer import Illustrated, IllustrateInput, findings, illustrate
from agents.thumbnail_designer.timing import SHORTEST_S, plan_slots
from memory.artifacts import GateResult
from tests.fixtures.illustrated_story import LocalContext, brief, narration, script

SCRIPT = script()
NARRATION = narration(SCRIPT)


def finding(name: str, at_s: float | None = None, value: float | None = None) -> GateResult:
    return GateResult(name=name, passed=False, measured="m", limit="l", stage="illustrate", value=value, at_s=at_s)


async def illustrated(folder: Path, *found: GateResult) -> Illustrated:
    return await illustrate(IllustrateInput(script=SCRIPT, narration=NARRATION, brief=brief(), findings=found), LocalContext(folder))


def test_shots_of_a_stretch_in_which_too_little_happened_are_split_and_the_others_stay() -> None:
    calm = plan_slots(SCRIPT, NARRATION)
    longest = max((slot for slot in calm if not slot.card), key=lambda slot: slot.seconds)
    still = finding("visual_change", longest.start_s + 0.1, longest.seconds - 0.2)
    split = plan_slots(SCRIPT, NARRATION, findings.tight_stretches([still]))
    inside = [slot for slot in split if longest.start_s <= slot.start_s < longest.end_s]
    assert len(inside) > 1
    assert max(slot.seconds for slot in inside) < longest.seconds
    assert min(slot.seconds for slot in inside) >= SHORTEST_S - 0.01
    elsewhere = [slot for slot in calm if slot.sentences != longest.sentences and not slot.card]
    assert [slot for slot in split if slot.sentences != longest.sentences and not slot.card] == elsewhere
    assert all(before.end_s == after.start_s for before, after in zip(split, split[1:], strict=False))


async def test_a_shot_whose_words_were_too_faint_becomes_a_plain_headline_and_the_decision_says_so(tmp_path: Path) -> None:
    before = await illustrated(tmp_path)
    faint = next(shot for shot in before.storyboard.shots if shot.kind not in {"title", "closing"})
    after = await illustrated(tmp_path, finding("text_contrast", faint.start_s, 2.0))
    changed = {one.id: one.kind for one, other in zip(after.storyboard.shots, before.storyboard.shots, strict=True) if one.kind != other.kind}
    assert changed == {faint.id: "title"}
    answered = next(one for one in after.decisions if one.question.startswith("What changes"))
    assert "plain headline" in answered.reasons[0]


def test_two_shots_that_looked_the_same_are_drawn_from_another_seed() -> None:
    assert findings.view_seed((), 3) == 3
    assert findings.view_seed((finding("repeated_shots"),), 3) != 3
    assert findings.decision_of(()) == ()
