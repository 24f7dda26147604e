"""Which voice reads: by the channel, its language, its licence needs and its budget, each refusal with its reason."""

from datetime import date
from pathlib import Path

import pytest

from agents.voice_director import policy
from agents.voice_director.casting import NoVoiceFits, cast_voice, expected_usd
from agents.voice_director.gather import installed_voices, paid_voices
from agents.voice_director.schemas import Snapshot, VoiceAtHand
from infra.settings import Settings
from memory.artifacts import Beat, Script, Sentence
from memory.personality import Personality, load_personalities
from memory.rights import Rights
from tools.synthesize_speech.schema import Result

JOE = VoiceAtHand(name="joe-medium", licence="research corpus", words_per_minute=181.0, monetisable=False, languages=("en",))
ELEVEN = VoiceAtHand(name="elevenlabs:v", licence="terms", words_per_minute=None, monetisable=True, provider="elevenlabs", usd_per_character=0.0001)
GOOGLE = VoiceAtHand(
    name="google_tts:en-US-Neural2-D",
    licence="terms",
    words_per_minute=None,
    monetisable=True,
    provider="google_tts",
    languages=("en",),
    usd_per_character=0.000016,
)
ALL = (ELEVEN, GOOGLE, JOE)


def channel(**changes: object) -> Personality:
    return next(iter(load_personalities().values())).model_copy(update=changes)


def snapshot(*voices: VoiceAtHand, **changes: object) -> Snapshot:
    roles = ("hook", "fact", "quote", "closing")
    lines = tuple(Sentence.model_validate({"id": role, "text": "x" * 25, "role": role}) for role in roles)
    rights = Rights(licence="CC0-1.0")
    beats = (Beat(id="b", heading="", sentences=lines),)
    script = Script(title="t", title_candidates=(), beats=beats, tags=(), template="t", rights=rights, credits=())
    return Snapshot.model_validate({"script": script, "seconds": None, "voices": voices, "pronunciations": {}, **changes})


def test_a_paid_voice_comes_before_a_free_one_and_the_wish_before_all() -> None:
    assert cast_voice(snapshot(*ALL), channel()).voice == ELEVEN
    assert cast_voice(snapshot(*ALL, preference="google_tts"), channel()).voice == GOOGLE
    assert cast_voice(snapshot(*ALL, preference="piper"), channel()).voice == JOE


def test_a_voice_over_the_budget_is_passed_over_with_the_figures() -> None:
    found = cast_voice(snapshot(*ALL, budget_usd=0.005), channel())
    assert found.voice == GOOGLE
    assert any("$0.011 is over the voice budget of $0.005" in one for one in found.passed_over)
    assert expected_usd(ELEVEN, snapshot(*ALL)) == pytest.approx(0.011)


def test_a_second_paid_reading_needs_room_in_the_budget() -> None:
    found = cast_voice(snapshot(*ALL, budget_usd=0.02), channel())
    assert not found.affords_again(0.02)
    assert found.affords_again(0.03)
    assert cast_voice(snapshot(JOE), channel()).affords_again(0.0)


def test_a_channel_that_earns_never_gets_a_voice_that_may_not() -> None:
    with pytest.raises(NoVoiceFits, match="research corpus"):
        cast_voice(snapshot(JOE), channel(monetised=True))
    found = cast_voice(snapshot(*ALL), channel(monetised=True, voice_fallback="free"))
    assert (found.voice, found.fallback) == (ELEVEN, "")


def test_another_language_than_the_channels_is_passed_over() -> None:
    assert cast_voice(snapshot(*ALL), channel(language="de")).voice == ELEVEN
    with pytest.raises(NoVoiceFits, match="not de"):
        cast_voice(snapshot(GOOGLE, JOE), channel(language="de"))


def test_a_voice_without_a_known_price_is_never_taken_for_free() -> None:
    odd = ELEVEN.model_copy(update={"usd_per_character": None})
    assert cast_voice(snapshot(odd, JOE), channel()).voice == JOE


def test_a_free_voice_stands_in_only_where_the_channel_allows_it() -> None:
    assert cast_voice(snapshot(*ALL), channel()).fallback == ""
    assert cast_voice(snapshot(*ALL), channel(voice_fallback="free")).fallback == "joe-medium"
    with pytest.raises(NoVoiceFits, match="elevenlabs"):
        cast_voice(snapshot(JOE, preference="elevenlabs"), channel())
    assert cast_voice(snapshot(JOE, preference="elevenlabs"), channel(voice_fallback="free")).voice == JOE


def test_paid_voices_are_at_hand_where_their_key_is_and_the_network_is_on(tmp_path: Path) -> None:
    today = date(2026, 11, 22)
    keys = {"home": tmp_path, "elevenlabs_api_key": "k", "google_tts_api_key": "k"}
    found = paid_voices(Settings.model_validate(keys), channel(), today)
    assert [one.name for one in found] == ["elevenlabs:auto", "google_tts:en-US-Neural2-D"]
    assert [one.usd_per_character for one in found] == [pytest.approx(0.0001), pytest.approx(0.000016)]
    assert paid_voices(Settings.model_validate({**keys, "network": "off"}), channel(), today) == ()
    own = channel(voice=channel().voice.model_copy(update={"paid": {"elevenlabs": "mine"}}))
    assert paid_voices(Settings.model_validate(keys), own, today)[0].name == "elevenlabs:mine"
    odd = paid_voices(Settings.model_validate({**keys, "elevenlabs_model": "eleven_v99"}), channel(), today)
    assert odd[0].usd_per_character is None
    assert [one.languages for one in installed_voices(Settings(home=tmp_path))] == [("en",)]


def test_feelings_follow_the_story_and_the_channels_temper() -> None:
    def feelings(**voice: object) -> list[str]:
        made = channel(pacing="brisk", voice=channel().voice.model_copy(update={"expressiveness": 0.6, **voice}))
        return [one.emotion for one in policy.plan_reading(snapshot(JOE), made, JOE).sentences]

    assert feelings() == ["lively", "neutral", "serious", "warm"]
    assert set(feelings(expressiveness=0.1)) == {"neutral"}


def test_a_stand_in_and_estimated_times_are_told_in_the_decision() -> None:
    measured = {"duration_s": 9.0, "words_per_minute": 160, "loudness_lufs": -24, "longest_silence_s": 1, "model_s": 1, "timings_s": {}}
    told = {"voice": "joe-medium", "degraded_from": "elevenlabs:v", "degraded_why": "quota_exceeded", "estimated_sentences": 2}
    heard = Result.model_validate({"narration": "n", "audio": "a", "cached_sentences": 0, "spoken_sentences": 4, **measured, **told})
    made, given = channel(), snapshot(*ALL)
    casting = cast_voice(given, made)
    decision = policy.decisions(given, made, policy.plan_reading(given, made, ELEVEN), casting, heard)[0]
    assert decision.choice == "joe-medium"
    assert any("quota_exceeded" in one for one in decision.reasons)
    assert any("2 sentences" in one for one in decision.reasons)
