"""The shipped personalities: twenty, distinct, legible, and silent about facts."""

import string

import pytest

from infra.errors import NotFound
from infra.fonts import FAMILIES, font_file
from memory.personality import Personality, get_personality, load_personalities
from tools.drawing.palette import contrast_of, rgb

CATEGORIES = {
    "space",
    "nature",
    "weather",
    "health",
    "technology",
    "history",
    "countries",
    "science",
    "animals",
    "food",
    "economy",
    "culture",
    "energy",
    "security",
}
EVERY = list(load_personalities().values())


def test_twenty_channels_are_shipped_and_no_two_share_a_name_a_palette_or_a_tagline() -> None:
    assert len(EVERY) == 20
    for value in ("name", "tagline", "niche"):
        assert len({getattr(one, value) for one in EVERY}) == 20
    assert len({(one.look.ground, one.look.accent, one.look.ink) for one in EVERY}) == 20


def test_no_two_channels_share_palette_type_layout_and_texture_alike() -> None:
    assert len({(one.look.layout, one.look.head, one.look.texture, one.look.align) for one in EVERY}) == 20
    assert len({one.look.head for one in EVERY}) >= 6
    assert {one.look.layout for one in EVERY} == {"editorial", "signal", "playful", "technical", "cinematic", "poster"}


def test_all_categories_are_somebodys() -> None:
    assert {category for one in EVERY for category in one.categories} == CATEGORIES


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.id)
def test_ink_is_legible_on_both_grounds_and_faces_are_installed(one: Personality) -> None:
    for ground in (one.look.ground, one.look.ground2):
        assert contrast_of(rgb(one.look.ink), rgb(ground)) >= 7
    assert font_file(one.look.head, one.look.head_weight).is_file()
    assert one.look.body in {*FAMILIES, "DejaVu Sans Mono"}


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.id)
def test_openers_and_closers_are_templates_that_hold_no_figure(one: Personality) -> None:
    assert len(one.openers) >= 3
    assert len(one.closers) >= 2
    for line in (*one.openers, *one.closers):
        names = {name for _, name, _, _ in string.Formatter().parse(line) if name}
        assert names <= {"topic", "channel"}
        assert not any(char.isdigit() for char in line)
    assert all("{topic}" in line for line in one.openers)


def test_an_unknown_channel_is_named_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="field-notes"):
        get_personality("no-such-channel")
