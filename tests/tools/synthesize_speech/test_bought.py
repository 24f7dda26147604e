"""Paid voices in the narration: bought once, billed exactly, replaced only where the channel allows it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.database import Database
from infra.errors import StudioError
from infra.settings import Settings
from memory.artifacts import Narration
from memory.consents import ConsentMissing
from memory.ledger import BudgetExceeded, Ledger
from memory.media import MediaStore
from tools.base import ToolContext, ToolRetry
from tools.gateway import CallRejected
from tools.sandbox import Sandbox, server_error
from tools.synthesize_speech.schema import Args, Result, SpokenSentence
from tools.synthesize_speech.tool import run
from tools.vendors.elevenlabs.sandbox import Account, elevenlabs_app, payment_required
from tools.vendors.google_tts.sandbox import Project, google_tts_app
from tools.vendors.piper.client import PiperClient
from tools.vendors.speech import QuotaSpent, VoiceBarred

TEXTS = ("In 1963 the river rose, and nobody knew why.", "It fell again.", "Then it rose once more!")
SPEECH = "/v1/text-to-speech"


class Studio:
    """A studio with one paid provider's stand-in."""

    def __init__(self, settings: Settings, sandbox: Sandbox, books: Any, voice: str) -> None:
        self.settings, self.sandbox, self.books, self.voice = settings, sandbox, books, voice
        self.jobs = iter(range(100))
        self.store = MediaStore(settings.home / "media")

    def context(self, **settings: Any) -> ToolContext:
        made = self.settings.model_copy(update=settings)
        return ToolContext(settings=made, store=self.store, scratch=made.home, job_id=f"job_{next(self.jobs)}")

    def read(self, *texts: str, args: dict[str, Any] | None = None, **settings: Any) -> Result:
        sentences = tuple(SpokenSentence(id=f"s{index}", text=text) for index, text in enumerate(texts))
        return run(Args.model_validate({"sentences": sentences, "voice": self.voice, **(args or {})}), self.context(**settings))

    @property
    def bought(self) -> int:
        return sum(one.method == "POST" for one in self.sandbox.seen)

    def booked(self) -> int:
        opened = Database(str(self.settings.database_url))
        with opened.unit_of_work() as session:
            total = sum(Ledger(session).total_microusd(job_id=f"job_{index}") for index in range(20))
        opened.dispose()
        return total


@pytest.fixture
def eleven(tmp_path: Path, database_url: str) -> Iterator[Studio]:
    account = Account()
    with Sandbox(elevenlabs_app(account)) as sandbox:
        named = {"home": tmp_path, "database_url": database_url, "elevenlabs_api_key": account.key, "elevenlabs_base_url": sandbox.url}
        yield Studio(Settings.model_validate(named), sandbox, account, "elevenlabs:voice_own")


@pytest.fixture
def google(tmp_path: Path, database_url: str) -> Iterator[Studio]:
    project = Project()
    with Sandbox(google_tts_app(project)) as sandbox:
        named = {"home": tmp_path, "database_url": database_url, "google_tts_api_key": project.key, "google_tts_base_url": sandbox.url}
        yield Studio(Settings.model_validate(named), sandbox, project, "google_tts:en-US-Neural2-D")


@pytest.fixture(params=["eleven", "google"])
def studio(request: pytest.FixtureRequest) -> Studio:
    found: Studio = request.getfixturevalue(request.param)
    return found


def narration(studio: Studio, result: Result) -> Narration:
    return Narration.model_validate_json(studio.store.read(result.narration))


def test_a_paid_voice_reads_with_a_time_for_every_word(studio: Studio) -> None:
    result = studio.read(*TEXTS)
    told = narration(studio, result)
    assert [word.text for word in told.words] == " ".join(TEXTS).split()
    assert all(before.end_s <= after.start_s + 1e-9 for before, after in zip(told.words, told.words[1:], strict=False))
    assert all(word.end_s > word.start_s for word in told.words)
    assert "terms" in told.voice_licence
    assert result.voice == studio.voice
    assert result.estimated_sentences == 0
    assert -26 < result.loudness_lufs < -22


def test_what_is_booked_is_what_the_provider_bills(studio: Studio) -> None:
    result = studio.read(*TEXTS)
    per_character = 100 if studio.voice.startswith("eleven") else 16
    assert result.cost_micro_usd == studio.booked() == studio.books.billed * per_character


def test_the_two_bills_agree_with_failures_among_the_calls(studio: Studio) -> None:
    per_character = 100 if studio.voice.startswith("eleven") else 16
    studio.sandbox.faults.play(SPEECH if studio.voice.startswith("eleven") else "/v1beta1/text:synthesize", server_error(503), server_error(503))
    studio.books.defects.extend(["empty_audio", "not_audio"])
    failed = 0
    for number in range(6):
        try:
            studio.read(f"The river rose {number} times that year.")
        except StudioError:
            failed += 1
    assert failed == 4
    assert studio.bought == 6
    assert studio.booked() == pytest.approx(studio.books.billed * per_character, rel=0.01)
    assert studio.books.billed > 0


def test_the_same_audio_is_never_bought_twice_by_any_job(studio: Studio) -> None:
    first = studio.read(*TEXTS)
    again = studio.read(*TEXTS)
    assert (again.audio, again.cost_micro_usd, again.cached_sentences) == (first.audio, 0, 3)
    # Even where the finished takes are lost the bought sound is still known.
    for entry in (studio.store.keys / "bought_speech").rglob("*"):
        if entry.is_file():
            entry.unlink()
    third = studio.read(*TEXTS)
    assert (third.audio, third.cost_micro_usd) == (first.audio, 0)
    assert studio.bought == 3


def test_a_changed_sentence_is_bought_alone(studio: Studio) -> None:
    studio.read(*TEXTS)
    studio.read(TEXTS[0], "It fell slowly.", TEXTS[2])
    assert studio.bought == 4


@pytest.mark.slow
def test_a_spent_account_falls_back_where_the_channel_allows_it_and_nothing_bought_is_lost(eleven: Studio, speaker: PiperClient) -> None:
    eleven.books.characters_left = 60
    result = eleven.read(*TEXTS, args={"fallback": "joe-medium"})
    assert (result.voice, result.degraded_from) == ("joe-medium", eleven.voice)
    assert "quota_exceeded" in result.degraded_why
    assert eleven.books.made == 1
    eleven.books.characters_left = 1_000
    assert eleven.read(*TEXTS).cached_sentences == 1
    assert eleven.books.made == 3


def test_without_consent_to_fall_back_the_reason_is_the_error(eleven: Studio) -> None:
    eleven.sandbox.faults.always(SPEECH, payment_required())
    with pytest.raises(QuotaSpent, match="nothing left"):
        eleven.read(*TEXTS)
    assert eleven.booked() == 0


def test_a_wrong_key_is_named_and_books_nothing(eleven: Studio) -> None:
    wrong = Settings.model_validate({"elevenlabs_api_key": "wrong"}).elevenlabs_api_key
    with pytest.raises(CallRejected, match="ELEVENLABS_API_KEY"):
        eleven.read(*TEXTS, elevenlabs_api_key=wrong)
    assert eleven.booked() == 0


def test_passing_trouble_is_the_jobs_to_repeat_and_no_reason_to_fall_back(eleven: Studio) -> None:
    eleven.sandbox.faults.play(SPEECH, server_error(500))
    with pytest.raises(ToolRetry):
        eleven.read(*TEXTS, args={"fallback": "joe-medium"})
    assert eleven.bought == 1


@pytest.mark.parametrize("defect", ["no_times", "backward_times"])
def test_times_that_cannot_be_true_are_found_from_the_sound_and_counted(studio: Studio, defect: str) -> None:
    exact = narration(studio, studio.read(*TEXTS))
    studio.store = MediaStore(studio.settings.home / "other" / "media")
    studio.books.defects.extend([defect] * 3)
    result = studio.read(*(text.replace("river", "water") for text in TEXTS))
    assert result.estimated_sentences >= 1
    told = narration(studio, result)
    assert len(told.words) == len(exact.words)
    assert all(before.end_s <= after.start_s + 1e-9 for before, after in zip(told.words, told.words[1:], strict=False))
    errors = sorted(abs(one.start_s - other.start_s) for one, other in zip(told.words, exact.words, strict=True))
    assert errors[len(errors) // 2] < 0.15


def test_a_voice_for_earning_channels_needs_a_licence_for_that(eleven: Studio, speaker: PiperClient) -> None:
    with pytest.raises(VoiceBarred, match="earns money"):
        eleven.read(*TEXTS, args={"voice": "joe-medium", "monetised": True})
    eleven.books.tier = "free"
    with pytest.raises(VoiceBarred, match="earns money"):
        eleven.read(*TEXTS, args={"monetised": True})
    assert eleven.bought == 0


def test_a_cloned_voice_speaks_only_with_a_recorded_consent(eleven: Studio) -> None:
    eleven.books.category = "cloned"
    with pytest.raises(ConsentMissing, match="consents.toml"):
        eleven.read(*TEXTS)
    folder = eleven.settings.home / "voices"
    folder.mkdir()
    row = 'voice_id = "voice_own"\nspeaker = "A. Speaker"\nagreed_on = 2025-01-01\nstatement = "I agree that my voice reads this channel."\n'
    (folder / "consents.toml").write_text(f"[[consent]]\n{row}until = 2025-02-01\n")
    with pytest.raises(ConsentMissing, match="does not cover"):
        eleven.read(*TEXTS)
    (folder / "consents.toml").write_text(f"[[consent]]\n{row}")
    assert eleven.read(*TEXTS).voice == "elevenlabs:voice_own"


def test_a_call_over_the_limit_is_not_made(eleven: Studio) -> None:
    with pytest.raises(BudgetExceeded):
        eleven.read(*TEXTS, limit_call_usd=0.0001)
    assert eleven.bought == 0


def test_a_voice_that_gives_no_times_is_read_with_estimates(google: Studio) -> None:
    google.voice = "google_tts:en-US-Chirp3-HD-Aoede"
    assert google.read(*TEXTS).estimated_sentences == 3


def test_the_next_sentence_is_stitched_to_those_bought_before(eleven: Studio) -> None:
    eleven.read(*TEXTS)
    bodies = [one.body.decode() for one in eleven.sandbox.seen if one.method == "POST"]
    assert "previous_request_ids" not in bodies[0]
    assert "req_1" in bodies[1]
    assert "req_1" in bodies[2]
    assert "req_2" in bodies[2]


def test_a_changed_sentence_is_stitched_to_both_its_neighbours(eleven: Studio) -> None:
    eleven.read(*TEXTS)
    eleven.read(TEXTS[0], "It fell slowly.", TEXTS[2])
    body = next(one for one in reversed(eleven.sandbox.seen) if one.method == "POST").body.decode()
    assert '"previous_request_ids":["req_1"]' in body.replace(" ", "")
    assert '"next_request_ids":["req_3"]' in body.replace(" ", "")


def test_a_cheaper_model_is_not_discounted_twice_and_a_surcharge_is_booked(eleven: Studio) -> None:
    eleven.books.multiplier = 0.5
    cheap = eleven.read(TEXTS[1]).cost_micro_usd
    assert cheap == 100 * len(TEXTS[1])
    eleven.books.multiplier = 2.0
    eleven.settings = eleven.settings.model_copy(update={"elevenlabs_voice": "auto"})
    eleven.voice = "elevenlabs:voice_ready"
    assert eleven.read(TEXTS[1]).cost_micro_usd == 2 * cheap


def test_a_feeling_reaches_every_voice_by_its_own_controls(studio: Studio) -> None:
    sentence = SpokenSentence(id="s", text="It fell again.")
    for feeling in ("calm", "lively"):
        moved = sentence.model_copy(update={"emotion": feeling})
        run(Args(sentences=(moved,), voice=studio.voice), studio.context())
    calm, lively = (one.body.decode() for one in studio.sandbox.seen if one.method == "POST")
    assert calm != lively


def test_a_lost_ledger_is_named(eleven: Studio, speech_context: Callable[[], ToolContext]) -> None:
    ctx = replace(speech_context(), settings=eleven.settings.model_copy(update={"database_url": None}))
    with pytest.raises(Exception, match="ledger"):
        run(Args(sentences=(SpokenSentence(id="s", text="Hello."),), voice=eleven.voice), ctx)
