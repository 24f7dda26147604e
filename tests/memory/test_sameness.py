"""How alike two videos are: spam with other nouns is the same, ordinary scripts are not, and each measure says what it is meant to."""

import pytest

from memory.personality import Sameness, get_personality, load_personalities
from memory.sameness import Earlier, Fingerprint, fingerprint_of, judge, meaning, picture_likeness, presence, shared_sentences, skeleton, structure, wording
from tests.fixtures.scripting import make_script
from tests.fixtures.spam import spam

ORBIT = get_personality("deep-orbit")
PLAIN = ("The tower was lit with whale oil at first.", "A keeper trimmed the wick every evening, by hand.", "Electric lamps ended that work.")


def printed(*texts: str, channel: str = "deep-orbit") -> Fingerprint:
    return fingerprint_of(make_script(*texts), get_personality(channel))


def test_a_skeleton_keeps_grammar_and_forgets_what_it_is_about() -> None:
    assert skeleton("The turbine of 1911 is a machine.") == ["the", "*", "of", "*", "is", "a", "*", "."]
    assert skeleton("The glacier of 1922 is a mountain.") == skeleton("The turbine of 1911 is a machine.")


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_same_script_with_other_nouns_is_the_same_script(number: int) -> None:
    one, other = printed(*spam(0)), printed(*spam(number))
    assert wording(other, one) == 1.0
    assert structure(other, one) > 0.75


def test_two_stories_share_next_to_nothing() -> None:
    assert wording(printed(*PLAIN), printed(*spam(0))) == 0.0
    assert structure(printed(*PLAIN), printed(*spam(0))) < 0.5


def test_a_share_is_of_the_new_script_so_that_a_short_copy_out_of_a_long_one_counts_in_full() -> None:
    assert wording(printed(*PLAIN), printed(*PLAIN, *spam(0))) > 0.8
    assert wording(printed(*PLAIN, *spam(0)), printed(*PLAIN)) < 0.4


def test_a_channel_looks_like_itself_and_no_two_shipped_ones_look_alike() -> None:
    prints = [printed(*PLAIN, channel=one) for one in load_personalities()]
    assert presence(prints[0], prints[0]) == 1.0
    assert max(presence(one, other) for one in prints for other in prints if one is not other) < Sameness().presence


def test_a_channel_that_is_a_copy_of_another_is_too_alike() -> None:
    twin = Earlier(run_id="r", channel_id="twin", title="Twin", fingerprint=printed(*spam(0)))
    found = judge("script", printed(*PLAIN), (), (twin,), ORBIT.sameness)
    assert not found.passed
    assert found.reasons == ("too alike in presence across channels: 1.00 to “Twin” of twin, at most 0.90 is allowed",)
    own = judge("script", printed(*PLAIN), (twin,), (), ORBIT.sameness)
    assert own.passed


def test_the_limits_are_the_channels_own() -> None:
    earlier = Earlier(run_id="r", channel_id="deep-orbit", title="Spam", fingerprint=printed(*spam(0)))
    strict, lax = Sameness(), Sameness(wording_own=1, structure=1)
    assert not judge("script", printed(*spam(1)), (earlier,), (), strict).passed
    assert judge("script", printed(*spam(1)), (earlier,), (), lax).passed


def test_what_is_shared_is_named_by_sentence() -> None:
    script = make_script(PLAIN[0], spam(1)[2], spam(1)[5])
    assert shared_sentences(script, printed(*spam(0))) == ("b1s2", "b1s3")


def test_meaning_needs_two_embeddings_of_one_kind() -> None:
    assert meaning(Fingerprint(meaning=(0.6, 0.8)), Fingerprint(meaning=(0.6, 0.8))) == pytest.approx(1.0)
    assert meaning(Fingerprint(meaning=(0.6, 0.8)), Fingerprint()) == 0.0


def test_pictures_are_alike_in_form_and_colour_or_not_alike() -> None:
    light, dark = "ff" * 32 + ":" + "c0" * 27, "ff" * 32 + ":" + "20" * 27
    assert picture_likeness(light, light) == 1.0
    assert picture_likeness(light, dark) == pytest.approx(1 - 160 / 255)
    assert picture_likeness(light, "0f" * 32 + ":" + "c0" * 27) == 0.0
    assert picture_likeness(light, "") == 0.0
