"""Listings respect the platform's limits, counted as the platform counts."""

from agents.publisher import policy
from memory.artifacts import Beat, Listing, Narration, Provenance, Script, Sentence, SentenceTiming
from memory.rights import Rights

LISTING = Listing(
    title="A title",
    description="A description, demo",
    tags=("one", "two words"),
    language="en",
    chapters=(),
    category="space",
    privacy="public",
    made_for_kids=False,
    contains_synthetic_media=True,
    license="youtube",
)


def failing(listing: Listing) -> list[str]:
    return [gate.name for gate in policy.check_listing(listing) if not gate.passed]


def test_a_plain_listing_passes() -> None:
    assert failing(LISTING) == []


def test_the_description_is_counted_in_bytes() -> None:
    assert failing(LISTING.model_copy(update={"description": "é" * 2501})) == ["description length"]


def test_tags_with_spaces_count_their_quotes_and_commas() -> None:
    assert policy.tag_length(("one", "two words")) == 3 + 11 + 1


def test_tags_are_cut_to_the_limit_and_cleaned() -> None:
    tags = policy.fit_tags(("a<b>", "A b", *(f"tag number {number}" for number in range(100))))
    assert tags[:2] == ("a b", "tag number 0")
    assert policy.tag_length(tags) <= policy.TAG_CHARACTERS


def test_an_undisclosed_voice_and_angle_brackets_are_refused() -> None:
    assert failing(LISTING.model_copy(update={"contains_synthetic_media": False, "title": "a < b"})) == ["no angle brackets", "synthetic media disclosed"]


def test_what_is_not_real_must_say_so() -> None:
    assert policy.check_label(LISTING, Provenance.DEMO).passed
    assert not policy.check_label(LISTING, Provenance.SIMULATED).passed


def script(*starts: float, length: float) -> tuple[Script, Narration]:
    beats = tuple(Beat(id=f"b{n}", heading=f"Part {n}", sentences=(Sentence(id=f"s{n}", text="Text.", role="fact"),)) for n in range(len(starts)))
    written = Script(title="T", title_candidates=("T",), beats=beats, tags=(), template="story", rights=Rights(licence="OWN"), credits=())
    times = tuple(SentenceTiming(sentence_id=f"s{n}", start_s=start, end_s=start + 1) for n, start in enumerate(starts))
    return written, Narration(audio="a", sample_rate_hz=22050, duration_s=length, words=(), sentences=times, voice="v", voice_licence="CC0")


def test_chapters_start_at_zero_and_last_ten_seconds() -> None:
    assert [chapter.start_s for chapter in policy.chapters_of(*script(0.4, 15, 20, 40, length=60))] == [0.0, 15, 40]


def test_too_few_chapters_are_no_chapters() -> None:
    assert policy.chapters_of(*script(0.4, 15, length=60)) == ()
