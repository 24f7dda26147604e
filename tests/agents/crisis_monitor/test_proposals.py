"""Which outcomes ask for a change of a personality, and which never do."""

import pytest

from agents.crisis_monitor.proposals import LEAST_OUTCOMES, SettledOutcome, propose
from memory.personality import get_personality

ONE = get_personality("field-notes")


def outcomes(*signs: str | None) -> list[SettledOutcome]:
    return [SettledOutcome(publication_id=f"p{n}", signs=(sign,) if sign else (), lesson_id=f"l{n}") for n, sign in enumerate(signs)]


def test_a_single_video_proves_nothing_and_neither_do_four() -> None:
    assert propose(ONE, outcomes("factual_challenge")) == ()
    assert propose(ONE, outcomes(*["factual_challenge"] * (LEAST_OUTCOMES - 1))) == ()


@pytest.mark.parametrize(
    ("signs", "asks"),
    [
        (("factual_challenge", None, "factual_challenge", None, "factual_challenge"), True),
        (("factual_challenge", None, None, None, "factual_challenge"), False),
        (("factual_challenge", "factual_challenge", "factual_challenge", None, None, None, None), False),
        ((None,) * 10 + ("factual_challenge",) * 10, False),
    ],
)
def test_three_of_the_newest_ten_and_half_of_them_are_needed(signs: tuple[str | None, ...], asks: bool) -> None:
    found = propose(ONE, outcomes(*signs))
    assert bool(found) == asks
    if asks:
        assert (found[0].field, found[0].value) == ("cadence_per_week", ONE.cadence_per_week - 1)
        assert found[0].publications == ("p0", "p2", "p4")
        assert "3 of the last 5 videos" in found[0].why


def test_two_signs_that_ask_for_one_field_ask_once_and_what_is_so_already_is_not_asked_for() -> None:
    both = [SettledOutcome(publication_id=f"p{n}", signs=("pile_on", "negative_spike")) for n in range(5)]
    (found,) = propose(ONE, both)
    assert (found.field, found.value) == ("tone", [*ONE.tone, "even-handed"])
    assert propose(ONE.model_copy(update={"tone": (*ONE.tone, "even-handed")}), both) == ()
