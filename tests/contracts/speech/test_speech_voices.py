"""One suite for every client of the voice port: the vendors' against their stand-ins, and live when the operator asks for it."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infra.settings import Settings, load_settings
from tools.base import ToolError, ToolRetry
from tools.gateway import CallRejected, CallSpoiled, CallTurnedAway
from tools.sandbox import Fault, Sandbox, cut_connection, delayed, rate_limited, server_error, wrong_content_type
from tools.synthesize_speech.piper_voice import PiperVoice
from tools.vendors.elevenlabs.client import ElevenLabsVoice
from tools.vendors.elevenlabs.sandbox import Account, elevenlabs_app, payment_required, quota_exhausted, too_many_at_once
from tools.vendors.google_tts.client import GoogleVoice
from tools.vendors.google_tts.sandbox import Project, billing_disabled, google_tts_app
from tools.vendors.google_tts.sandbox import quota_exhausted as google_quota_exhausted
from tools.vendors.piper.client import PiperClient
from tools.vendors.piper.voices import PreparedVoice
from tools.vendors.speech import Context, Delivery, QuotaSpent, SpeechAsk, Spoken, SpokenWord, Voice, VoiceBarred, span_flaw
from tools.vendors.speech_sandbox import Defect

WORDS = (SpokenWord("The"), SpokenWord("river"), SpokenWord("rises", ","), SpokenWord("then"), SpokenWord("falls"), SpokenWord("again", "."))
ASK = SpeechAsk(WORDS, seed=7)
DEFECTS: tuple[Defect, ...] = ("no_times", "short_times", "backward_times", "late_times", "other_text")


@dataclass(frozen=True)
class Vendor:
    """A vendor with a running stand-in: how a client of it is made, where it speaks, and what it has billed."""

    name: str
    sandbox: Sandbox
    books: Any
    make: Callable[[str, float], Voice]
    path: str
    key_name: str
    stack: ExitStack

    def voice(self, key: str = "", timeout_s: float = 5.0) -> Voice:
        return self.stack.enter_context(closing(self.make(key or self.books.key, timeout_s)))


def eleven(stack: ExitStack, home: Path) -> Vendor:
    account = Account()
    sandbox = stack.enter_context(Sandbox(elevenlabs_app(account)))

    def make(key: str, timeout_s: float) -> Voice:
        return ElevenLabsVoice(Settings.model_validate({"home": home, "elevenlabs_api_key": key, "elevenlabs_base_url": sandbox.url}), "voice_own", timeout_s)

    return Vendor("elevenlabs", sandbox, account, make, "/v1/text-to-speech", "ELEVENLABS_API_KEY", stack)


def google(stack: ExitStack, home: Path) -> Vendor:
    project = Project()
    sandbox = stack.enter_context(Sandbox(google_tts_app(project)))

    def make(key: str, timeout_s: float) -> Voice:
        return GoogleVoice(Settings.model_validate({"home": home, "google_tts_api_key": key, "google_tts_base_url": sandbox.url}), "en-US-Neural2-D", timeout_s)

    return Vendor("google_tts", sandbox, project, make, "/v1beta1/text:synthesize", "GOOGLE_TTS_API_KEY", stack)


@pytest.fixture(params=[eleven, google], ids=["elevenlabs", "google_tts"])
def vendor(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with ExitStack() as stack:
        yield request.param(stack, tmp_path)


@pytest.fixture(params=["piper", "elevenlabs", "google_tts", "elevenlabs-live", "google_tts-live"])
def voice(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with ExitStack() as stack:
        if request.param == "piper":
            yield piper(request)
        elif request.param.endswith("-live"):
            yield stack.enter_context(closing(live(request.param.removesuffix("-live"))))
        else:
            yield (eleven if request.param == "elevenlabs" else google)(stack, tmp_path).voice()


def piper(request: pytest.FixtureRequest) -> Voice:
    prepared: PreparedVoice = request.getfixturevalue("prepared_voice")
    client: PiperClient = request.getfixturevalue("speaker")
    return PiperVoice(prepared, client)


def live(name: str) -> Voice:
    """Return the real service's client, where the operator asked for it and the key is there."""
    settings = load_settings()
    if not settings.live:
        pytest.skip("YTEMPIRE_LIVE is not set: real services are asked only on request")
    key = settings.elevenlabs_api_key if name == "elevenlabs" else settings.google_tts_api_key
    if key is None:
        pytest.skip(f"no key for {name} is set")
    return ElevenLabsVoice(settings, settings.elevenlabs_voice) if name == "elevenlabs" else GoogleVoice(settings, settings.google_tts_voice)


def speak(voice: Voice, ask: SpeechAsk = ASK) -> Spoken:
    return voice.speak(voice.describe("en"), ask)


def test_every_word_has_a_time_inside_the_sound(voice: Voice) -> None:
    spoken = speak(voice)
    assert spoken.flaw == ""
    assert len(spoken.samples) > 0.5 * spoken.rate
    assert float(np.abs(spoken.samples).max()) > 0.02
    assert span_flaw(spoken.spans, len(WORDS), len(spoken.samples) / spoken.rate) == ""
    assert all(span.end_s > span.start_s for span in spoken.spans)


def test_a_faster_delivery_takes_less_time(voice: Voice) -> None:
    slow, fast = (speak(voice, SpeechAsk(WORDS, Delivery(pace=pace), seed=7)) for pace in (0.9, 1.15))
    assert len(fast.samples) / fast.rate < 0.95 * len(slow.samples) / slow.rate


def test_the_voice_tells_its_licence_and_limits(voice: Voice) -> None:
    facts = voice.describe("en")
    assert facts.licence
    assert facts.most_characters >= 1000
    assert facts.multiplier >= 0


def test_another_language_than_the_voices_is_refused(voice: Voice) -> None:
    with pytest.raises(VoiceBarred, match="tlh"):
        voice.describe("tlh")


def test_what_is_billed_is_what_the_stand_in_bills(vendor: Vendor) -> None:
    spoken = speak(vendor.voice())
    assert spoken.characters == vendor.books.billed == vendor.voice().billed(ASK)


def test_the_context_is_no_part_of_the_key(vendor: Vendor) -> None:
    voice = vendor.voice()
    facts = voice.describe("en")
    around = SpeechAsk(WORDS, seed=7, context=Context("Before.", "After.", ("req_1",), ()))
    assert voice.key(facts, around) == voice.key(facts, ASK)
    assert voice.key(facts, SpeechAsk(WORDS, Delivery(pace=1.1), seed=7)) != voice.key(facts, ASK)


@pytest.mark.parametrize("defect", DEFECTS)
def test_times_that_cannot_be_true_are_told_and_the_sound_is_kept(vendor: Vendor, defect: Defect) -> None:
    vendor.books.defects.append(defect)
    spoken = speak(vendor.voice())
    assert spoken.spans == ()
    assert spoken.flaw
    assert len(spoken.samples) > 0.5 * spoken.rate


@pytest.mark.parametrize("defect", ["empty_audio", "not_audio"])
def test_an_answer_without_sound_was_billed_and_is_of_no_use(vendor: Vendor, defect: Defect) -> None:
    vendor.books.defects.append(defect)
    with pytest.raises(CallSpoiled, match="no sound") as caught:
        speak(vendor.voice())
    assert caught.value.usage["characters"] == vendor.books.billed > 0


@pytest.mark.parametrize("fault", [server_error(500), server_error(502), cut_connection(), wrong_content_type()], ids=["500", "502", "cut", "html"])
def test_a_passing_fault_is_reported_once_and_not_retried_by_the_client(vendor: Vendor, fault: Fault) -> None:
    voice = vendor.voice()
    facts = voice.describe("en")
    vendor.sandbox.faults.always(vendor.path, fault)
    before = len(vendor.sandbox.seen)
    with pytest.raises(ToolRetry) as caught:
        voice.speak(facts, ASK)
    assert not isinstance(caught.value, CallTurnedAway)
    assert len(vendor.sandbox.seen) == before + 1


@pytest.mark.parametrize(("fault", "after"), [(rate_limited("7"), 7.0), (server_error(503), None)], ids=["429", "503"])
def test_a_busy_server_billed_nothing_and_says_how_long_to_wait(vendor: Vendor, fault: Fault, after: float | None) -> None:
    voice = vendor.voice()
    facts = voice.describe("en")
    vendor.sandbox.faults.play(vendor.path, fault)
    with pytest.raises(CallTurnedAway) as caught:
        voice.speak(facts, ASK)
    assert caught.value.after_s == after


def test_a_slow_server_is_given_up_on(vendor: Vendor) -> None:
    voice = vendor.voice(timeout_s=0.5)
    facts = vendor.voice().describe("en")
    vendor.sandbox.faults.play(vendor.path, delayed(2.0))
    with pytest.raises(ToolRetry):
        voice.speak(facts, ASK)


def test_a_wrong_key_names_the_setting(vendor: Vendor) -> None:
    with pytest.raises(CallRejected, match=vendor.key_name):
        speak(vendor.voice(key="wrong"))


def test_what_the_published_schema_refuses_is_a_permanent_error(vendor: Vendor) -> None:
    voice = vendor.voice()
    facts = voice.describe("en")
    refused = SpeechAsk(WORDS, seed=-1) if vendor.name == "elevenlabs" else SpeechAsk(WORDS, Delivery(pitch_st=30))
    with pytest.raises(CallRejected, match=r"4\d\d"):
        voice.speak(facts, refused)


@pytest.mark.parametrize("fault", [quota_exhausted(), payment_required(), billing_disabled()], ids=["quota", "402", "billing"])
def test_an_empty_account_is_told_from_a_wrong_key(vendor: Vendor, fault: Fault) -> None:
    if (vendor.name == "google_tts") != (fault == billing_disabled()):
        return
    voice = vendor.voice()
    facts = voice.describe("en")
    vendor.sandbox.faults.play(vendor.path, fault)
    with pytest.raises(QuotaSpent, match="nothing left"):
        voice.speak(facts, ASK)


@pytest.mark.parametrize("fault", [too_many_at_once("3"), google_quota_exhausted("3")], ids=["elevenlabs", "google_tts"])
def test_the_vendors_own_busy_answers_may_be_asked_again(vendor: Vendor, fault: Fault) -> None:
    voice = vendor.voice()
    facts = voice.describe("en")
    vendor.sandbox.faults.play(vendor.path, fault)
    with pytest.raises(CallTurnedAway) as caught:
        voice.speak(facts, ASK)
    assert caught.value.after_s == 3.0


def test_a_spent_plan_refuses_before_it_speaks(tmp_path: Path) -> None:
    with ExitStack() as stack:
        vendor = eleven(stack, tmp_path)
        vendor.books.characters_left = 5
        with pytest.raises(QuotaSpent):
            speak(vendor.voice())
        assert vendor.books.billed == 0


def test_neighbours_are_named_to_the_stand_in_by_id_or_by_text(tmp_path: Path) -> None:
    with ExitStack() as stack:
        vendor = eleven(stack, tmp_path)
        voice = vendor.voice()
        facts = voice.describe("en")
        voice.speak(facts, SpeechAsk(WORDS, context=Context("It rained.", "Nobody knew why.", tuple(f"req_{n}" for n in range(5)), ())))
        body = vendor.sandbox.seen[-1].body.decode()
        assert '"previous_request_ids":["req_2","req_3","req_4"]' in body.replace(" ", "").replace("\n", "")
        assert '"next_text":"Nobodyknewwhy."' in body.replace(" ", "")


def test_limits_multipliers_and_voices_are_read_from_the_api(tmp_path: Path) -> None:
    with ExitStack() as stack:
        vendor = eleven(stack, tmp_path)
        vendor.books.multiplier, vendor.books.most_characters, vendor.books.category = 0.5, 777, "cloned"
        voice = vendor.voice()
        assert isinstance(voice, ElevenLabsVoice)
        facts = voice.describe("en")
        assert (facts.multiplier, facts.most_characters, facts.cloned) == (0.5, 777, True)
        assert [one.voice_id for one in voice.list_voices()] == ["voice_own", "voice_ready", "voice_german"]
        voice.voice_id = "auto"
        assert voice.describe("de").voice_id == "voice_german"


def test_a_free_plan_is_not_for_channels_that_earn(tmp_path: Path) -> None:
    with ExitStack() as stack:
        vendor = eleven(stack, tmp_path)
        vendor.books.tier = "free"
        assert not vendor.voice().describe("en").monetisable


def test_an_unverified_voice_is_refused(tmp_path: Path) -> None:
    with ExitStack() as stack:
        vendor = eleven(stack, tmp_path)
        vendor.books.verified = False
        with pytest.raises(ToolError, match="not verified"):
            vendor.voice().describe("en")


def test_a_voice_without_marks_is_spoken_and_says_that_it_gives_no_times(tmp_path: Path) -> None:
    with ExitStack() as stack:
        vendor = google(stack, tmp_path)
        voice = vendor.voice()
        assert isinstance(voice, GoogleVoice)
        voice.voice_id = "en-US-Chirp3-HD-Aoede"
        spoken = speak(voice)
        assert spoken.spans == ()
        assert "no times" in spoken.flaw
