"""From a storyboard to segments, and what is refused."""

import pytest

from memory.artifacts import Format, Layer, Narration, Shot, Storyboard
from tools.base import ToolError
from tools.render_video.timeline import check_film, plan_segments, plan_shots

NARRATION = Narration(audio="a" * 64, sample_rate_hz=22_050, duration_s=9.0, words=(), sentences=(), voice="v", voice_licence="OWN")


def shot(start: float, end: float, transition_s: float = 0.3, **changes: object) -> Shot:
    values: dict[str, object] = {
        "id": f"at-{start}",
        "sentence_ids": (),
        "start_s": start,
        "end_s": end,
        "kind": "title",
        "layers": (Layer(image="b" * 64),),
        "transition": "fade",
        "transition_s": transition_s,
    }
    return Shot.model_validate(values | changes)


def board(*shots: Shot) -> Storyboard:
    return Storyboard(shots=shots, format=Format.LANDSCAPE)


def test_segments_cover_every_frame_once_and_alternate_bodies_and_fades() -> None:
    segments = plan_segments(board(shot(0, 3), shot(3, 6), shot(6, 9)), (), 30)
    assert [segment.kind for segment in segments] == ["body", "transition", "body", "transition", "body"]
    assert sum(segment.frames for segment in segments) == 270
    assert [segment.frames for segment in segments if segment.kind == "transition"] == [8, 8]


def test_a_cut_makes_no_transition_segment() -> None:
    segments = plan_segments(board(shot(0, 3), shot(3, 6, transition="cut")), (), 30)
    assert [segment.kind for segment in segments] == ["body", "body"]


def test_a_shot_keeps_its_description_when_an_earlier_one_changes_length() -> None:
    before = plan_segments(board(shot(0, 3), shot(3, 6), shot(6, 9)), (), 30)
    after = plan_segments(board(shot(0, 4), shot(4, 7), shot(7, 10)), (), 30)
    assert before[4] == after[4]
    assert before[0] != after[0]


def test_changing_one_shot_changes_its_body_and_two_transitions_only() -> None:
    shots = [shot(at, at + 3) for at in range(0, 24, 3)]
    before = plan_segments(board(*shots), (), 30)
    shots[4] = shots[4].model_copy(update={"zoom_to": 1.2})
    after = plan_segments(board(*shots), (), 30)
    assert [index for index, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]] == [7, 8, 9]


def test_motion_runs_through_the_fades_on_both_sides() -> None:
    first, second = plan_shots(board(shot(0, 3), shot(3, 6)), 30)
    assert (first.motion_start, first.motion_end) == (0, 94)
    assert (second.motion_start, second.motion_end) == (-4, 90)


def test_a_fade_takes_at_most_a_third_of_a_short_shot() -> None:
    segments = plan_segments(board(shot(0, 3), shot(3, 3.2), shot(3.2, 6)), (), 30)
    assert all(segment.frames > 0 for segment in segments)
    assert sum(segment.frames for segment in segments) == 180


@pytest.mark.parametrize(
    ("storyboard", "words"),
    [
        (Storyboard(shots=(), format=Format.LANDSCAPE), "shots is empty"),
        (board(shot(0, 3), shot(3.5, 9)), "a gap between shot at-0"),
        (board(shot(0, 4), shot(3, 9)), "an overlap between shot at-0"),
        (board(shot(1, 9)), "must start at 0"),
        (board(shot(0, 9, layers=())), "has no layers"),
        (board(shot(0, 0.05), shot(0.05, 9)), "the least is 0.1 s"),
        (board(shot(0, 9, transition_s=0.9)), "over the limit of 0.35 s"),
        (board(shot(0, 9, zoom_to=4.0)), "must be within 1.0 and 2.0"),
        (board(shot(0, 3 * 3600 + 1)), "3 hours"),
        (board(shot(0, 5)), "extend the last shot"),
    ],
)
def test_a_film_that_cannot_be_made_is_refused_with_its_reason(storyboard: Storyboard, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        check_film(storyboard, NARRATION, None)


def test_a_format_other_than_the_storyboards_is_refused() -> None:
    with pytest.raises(ToolError, match="drawn for landscape"):
        check_film(board(shot(0, 9)), NARRATION, Format.SHORT)
