"""What a look shows: tone by the shipped lexicon, and each sign with its severity and confidence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.crisis_monitor.policy import POWERS, autonomy_of, judge
from agents.crisis_monitor.schemas import Comment, FileLook, Sign, WatchInput, WatchSnapshot
from agents.crisis_monitor.signs import read_signs
from agents.crisis_monitor.statistics import exceeds
from agents.crisis_monitor.tone import NEGATIVE, challenges, harm_of, tone_of
from infra.errors import Invalid
from memory.artifacts import Listing, Manifest, Provenance

T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)
LISTING = Listing(
    title="Ice",
    description="A demo video.",
    tags=(),
    language="en",
    chapters=(),
    category="space",
    privacy="public",
    made_for_kids=False,
    contains_synthetic_media=True,
    license="youtube",
)
MANIFEST = Manifest(channel_id="deep-orbit", video="1" * 64, thumbnail="2" * 64, captions="3" * 64, listing=LISTING, provenance=Provenance.DEMO)


def task(**changes: Any) -> WatchInput:
    values: dict[str, Any] = {"publication_key": "run_12345678", "manifest": MANIFEST, "expected_privacy": "public", "autonomy": "autonomous"}
    return WatchInput(**{**values, **changes})


def said(*texts: str, every: timedelta = timedelta(minutes=1), start: datetime = T0, author: str = "viewer") -> tuple[Comment, ...]:
    return tuple(Comment(id=f"{author}-{n}", author=f"{author} {n}", text=one, at=start + every * n) for n, one in enumerate(texts))


def seen(**changes: Any) -> WatchSnapshot:
    return WatchSnapshot(**{"found": True, "taken_at": T0, "privacy": "public", **changes})


def kinds(given: WatchInput, look: WatchSnapshot) -> dict[str, Sign]:
    return {sign.kind: sign for sign in read_signs(given, look)}


@pytest.mark.parametrize("text", ["This is terrible", "Worst video ever, I hate it", "so boring and repetitive", "Not good at all", "Disgusting."])
def test_a_comment_against_the_video_is_heard_as_one(text: str) -> None:
    assert tone_of(text) <= NEGATIVE


@pytest.mark.parametrize("text", ["Great video", "not bad!", "I love this, thanks", "Nothing wrong with that", "Which microphone is it?", "It isn't boring"])
def test_a_friendly_or_plain_comment_is_not_heard_as_one_against(text: str) -> None:
    assert tone_of(text) > NEGATIVE


def test_an_intensifier_makes_a_word_stronger_and_the_tone_stays_in_its_range() -> None:
    assert tone_of("really boring") < tone_of("boring")
    assert -1 < tone_of("terrible awful worst " * 50) < -0.99


@pytest.mark.parametrize(
    "text", ["This is wrong", "that’s just not true", "You got the date wrong", "Correction: it was 1986", "Source please?", "it was debunked"]
)
def test_a_claim_that_something_is_untrue_is_a_challenge(text: str) -> None:
    assert challenges(text)


@pytest.mark.parametrize("text", ["I was wrong about this channel", "Is this your real voice?", "This is right", "What a wonderful source of facts"])
def test_other_words_are_no_challenge(text: str) -> None:
    assert not challenges(text)


@pytest.mark.parametrize(
    ("text", "harm"), [("I will find you", "threat"), ("kys", "self-harm"), ("His address is 4 Elm", "doxxing"), ("I'm going to hurt you", "threat")]
)
def test_harm_is_seen_and_named(text: str, harm: str) -> None:
    found = harm_of(text)
    assert found is not None
    assert found.id == harm


def test_invisible_letters_and_full_width_spelling_do_not_hide_a_threat() -> None:
    assert harm_of("I w\u200bill find you")
    assert harm_of("Ｉ ｗｉｌｌ ｆｉｎｄ ｙｏｕ")


def test_a_sane_comment_with_harmless_words_is_not_harmful() -> None:
    assert harm_of("I will find it in the library; sharks kill with their tails") is None


def test_the_binomial_tail_agrees_with_values_worked_out_by_hand() -> None:
    assert exceeds(0, 10, 0.2) == pytest.approx(0.0)
    assert exceeds(1, 2, 0.5) == pytest.approx(0.25)
    assert exceeds(3, 3, 0.5) == pytest.approx(0.875)


def test_all_is_well_when_nothing_changed_and_nobody_minds() -> None:
    assert read_signs(task(), seen(files=(FileLook(name="video.mp4", state="ok"),), comments=said("Great video", "nice"))) == ()


def test_what_is_usual_for_this_video_is_no_spike() -> None:
    earlier = said(*["boring"] * 10, *["nice"] * 10, start=T0 - timedelta(days=1), every=timedelta(minutes=20), author="early")
    new = said(*["boring", "nice"] * 5, every=timedelta(minutes=30))
    assert "negative_spike" not in kinds(task(since=T0 - timedelta(minutes=1)), seen(comments=(*earlier, *new)))
    assert "negative_spike" in kinds(task(), seen(comments=new))


def test_old_comments_raise_nothing_again() -> None:
    comments = said(*["This is wrong https://example.org"] * 6)
    assert "factual_challenge" in kinds(task(), seen(comments=comments))
    assert kinds(task(since=T0 + timedelta(hours=1)), seen(comments=comments)) == {}


def test_more_voices_and_a_link_make_a_challenge_surer_and_graver() -> None:
    one = kinds(task(), seen(comments=said("This is wrong")))["factual_challenge"]
    linked = kinds(task(), seen(comments=said("This is wrong https://example.org")))["factual_challenge"]
    many = kinds(task(), seen(comments=said(*["This is wrong https://example.org"] * 5)))["factual_challenge"]
    assert (one.severity, linked.severity, many.severity) == ("info", "warning", "critical")
    assert one.confidence < linked.confidence < many.confidence


def test_one_viewer_who_writes_ten_times_is_no_crowd() -> None:
    comments = tuple(Comment(id=f"c{n}", author="same", text="terrible, I hate it", at=T0 + timedelta(minutes=n)) for n in range(10))
    assert "pile_on" not in kinds(task(), seen(comments=comments))


def test_a_crowd_that_copies_one_text_is_noted_as_such() -> None:
    found = kinds(task(), seen(comments=said(*["terrible, I hate it"] * 8)))["pile_on"]
    assert "8 of them are the same text" in found.reason


def test_more_open_than_approved_is_graver_than_less_open() -> None:
    opened = kinds(task(expected_privacy="private"), seen(privacy="public"))["visibility_changed"]
    closed = kinds(task(), seen(privacy="unlisted"))["visibility_changed"]
    assert (opened.severity, closed.severity) == ("critical", "warning")


def test_what_the_studio_itself_changed_is_no_sign() -> None:
    assert kinds(task(), seen(privacy="private", studio_set="private")) == {}
    assert "visibility_changed" in kinds(task(), seen(privacy="public", studio_set="private"))


def test_a_video_that_was_moved_is_waited_for_until_its_new_time() -> None:
    listed = MANIFEST.model_copy(update={"listing": LISTING.model_copy(update={"publish_at": T0 - timedelta(days=1)})})
    assert "visibility_changed" in kinds(task(manifest=listed), seen(privacy="private"))
    assert kinds(task(manifest=listed, shown_at=T0 + timedelta(hours=1)), seen(privacy="private")) == {}


@pytest.mark.parametrize("autonomy", list(POWERS))
def test_no_channel_lets_the_monitor_do_more_than_its_powers(autonomy: str) -> None:
    given = task(autonomy=autonomy)
    look = seen(files=(FileLook(name="video.mp4", state="changed"),), retracted=("a study",), comments=said(*["terrible, I hate it"] * 20))
    verdict = judge(given, read_signs(given, look), "public")
    assert set(verdict.done) <= POWERS[autonomy_of(autonomy)]
    assert {*verdict.done, *verdict.wanted} == {"make_private", "pause_channel", "hold", "open_incident"}
    assert verdict.severity == "critical"


def test_too_little_confidence_asks_a_person_instead_of_pulling_back() -> None:
    unsure = Sign(kind="factual_challenge", severity="critical", confidence=0.7, reason="seven in ten")
    verdict = judge(task(), [unsure], "public")
    assert (verdict.done, verdict.wanted) == (("draft_reply", "open_incident"), ("make_private",))
    assert any("less than 80% sure" in reason for reason in verdict.reasons)


def test_a_faint_sign_is_listed_and_graded_as_nothing() -> None:
    faint = Sign(kind="factual_challenge", severity="info", confidence=0.45, reason="one viewer")
    assert judge(task(), [faint], "public").severity == "none"


def test_a_video_that_is_private_already_is_not_pulled_back_again() -> None:
    sign = Sign(kind="source_retracted", severity="critical", confidence=0.95, reason="retracted")
    assert judge(task(), [sign], "private").done == ("open_incident",)


def test_an_unknown_level_of_autonomy_is_refused() -> None:
    with pytest.raises(Invalid, match="known: manual"):
        autonomy_of("total")
