"""How long an edit takes and what it costs, by what was measured before."""

import pytest

from graphs.edit_preview import Shares, cost_usd, work_seconds
from memory.repositories.film_work import DoneWork

HALF = Shares(scenes=0.5, spoken=0.1, film=0.25)


def done(node: str, tool: str, at: float, seconds: float, **more: object) -> DoneWork:
    values = {"iteration": 0, "microusd": 0, "figures": {}, **more}
    return DoneWork(node=node, tool=tool, started_s=at, seconds=seconds, **values)  # type: ignore[arg-type]


FILM = (
    done("write", "write_text", 0, 50, microusd=900_000),
    done("narrate", "synthesize_speech", 50, 22, microusd=200_000, figures={"timings_s": {"read": 1.0, "speak": 20.0, "lay": 1.0}}),
    done("design_thumbnail", "compose_thumbnail", 50, 5),
    done("illustrate.gather", "embed_text", 72, 2),
    done("illustrate", "make_visual", 74, 10),
    done("illustrate", "make_visual", 74, 10),
    done("illustrate", "generate_picture", 74, 10, microusd=40_000),
    done("render", "render_video", 84, 100, figures={"timings_s": {"pictures": 90.0, "sound": 9.0, "join": 2.0}}),
    done("inspect", "inspect_media", 184, 6),
)


def test_work_is_what_was_measured_for_the_part_that_is_done_again() -> None:
    # Beside each other: narrate 2 + 20/10, illustrate 2 + half of 10 (three jobs at once); then the render 10 + 90/4, and the whole inspection.
    lane = (4.0 + 2.0 + 15.0) * 34.0 / 54.0
    assert work_seconds(FILM, HALF) == pytest.approx(lane + 32.5 + 6.0, abs=0.1)


def test_what_the_store_gave_to_a_later_round_does_not_make_the_first_look_quick() -> None:
    again = [done(one.node, one.tool, one.started_s + 500, 0.5, iteration=10) for one in FILM]
    assert work_seconds([*FILM, *again], HALF) == work_seconds(FILM, HALF)


def test_money_is_that_of_what_is_bought_again_and_not_of_what_was_written() -> None:
    assert cost_usd(FILM, HALF) == pytest.approx(0.2 * 0.1 + 0.04 * 0.5)


def test_without_a_film_nothing_is_measured() -> None:
    assert work_seconds(FILM[:2], HALF) is None
