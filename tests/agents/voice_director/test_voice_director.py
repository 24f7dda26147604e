"""The voice director fits a script to its slot with real speech, and says why it reads it so."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import BaseModel

from agents.voice_director import Input, policy, run
from agents.voice_director.casting import Casting, cast_voice
from agents.voice_director.gather import gather
from agents.voice_director.schemas import Snapshot, VoiceAtHand
from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import Invalid, NotFound
from infra.settings import Settings
from memory.artifacts import Beat, Format, GateResult, Narration, Provenance, Script, Sentence
from memory.media import MediaStore
from memory.personality import Personality, load_personalities
from memory.readings import Reading
from memory.recall import Recall, Remembered
from memory.rights import Rights
from tools.base import Args, Result, ToolContext, ToolSpec
from tools.synthesize_speech.schema import Args as SpeechArgs
from tools.synthesize_speech.schema import Result as SpeechResult
from tools.synthesize_speech.tool import run as speak

A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)
M = TypeVar("M", bound=BaseModel)
JOE = VoiceAtHand(name="joe-medium", licence="CC0", words_per_minute=181.0, monetisable=False)

CAST = Casting(JOE, 0.0, (), "")


def heard(duration_s: float, **told: object) -> SpeechResult:
    measured = {"duration_s": duration_s, "words_per_minute": 160.0, "loudness_lufs": -24.0, "longest_silence_s": 1.0, "model_s": 1.0, "timings_s": {}}
    return SpeechResult.model_validate({"narration": "n", "audio": "a", "cached_sentences": 0, "spoken_sentences": 1, **measured, **told})


def sentence(id: str, text: str, role: str = "fact") -> Sentence:
    return Sentence.model_validate({"id": id, "text": text, "role": role})


def script_of(*beats: tuple[Sentence, ...]) -> Script:
    rights = Rights(licence="CC0-1.0")
    made = tuple(Beat(id=f"b{index}", heading="", sentences=beat) for index, beat in enumerate(beats))
    return Script(title="t", title_candidates=(), beats=made, tags=(), template="t", rights=rights, credits=())


SCRIPT = script_of(
    (sentence("s1", "Why did a bridge that took 12 years to build fall in 3 minutes?", "hook"),),
    (
        sentence("s2", "On May 5, 1902, the river rose by 4 m, and nobody in the U.S. had seen that."),
        sentence("s3", "Dr. Smith wrote that the iron had rusted from the inside.", "quote"),
    ),
    (sentence("s4", "And so it stands again.", "closing"),),
)


def personality(**voice: object) -> Personality:
    known = next(iter(load_personalities().values()))
    return known.model_copy(update={"voice": known.voice.model_copy(update=voice)})


def snapshot_of(script: Script = SCRIPT, seconds: float | None = None, voices: tuple[VoiceAtHand, ...] = (JOE,)) -> Snapshot:
    return Snapshot(script=script, seconds=seconds, voices=voices, pronunciations={})


class EmptyRecall:
    """A memory of nothing."""

    async def topics(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        del text, limit
        return ()

    async def scripts(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        del text, limit
        return ()

    async def lessons(self, text: str, limit: int = 5) -> tuple[Remembered, ...]:
        del text, limit
        return ()

    async def similarities(self, query: str, texts: tuple[str, ...]) -> tuple[float, ...]:
        del query
        return tuple(0.0 for _ in texts)


@dataclass
class DirectContext:
    """A context that runs the real speech tool in this process and keeps count."""

    tool: ToolContext
    personality: Personality
    recall: Recall = field(default_factory=EmptyRecall)
    run_id: str = "run_1"
    format: Format = Format.LANDSCAPE
    seconds: int = 20
    seed: int = 0
    provenance: Provenance = Provenance.DEMO
    clock: Clock = SYSTEM_CLOCK
    asked: list[SpeechArgs] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return self.tool.settings

    @property
    def store(self) -> MediaStore:
        return self.tool.store

    async def call(self, spec: ToolSpec[A, R], args: A, patience_s: float | None = None) -> R:  # noqa: ARG002 - the shape of a context
        assert isinstance(args, SpeechArgs)
        self.asked.append(args)
        return spec.result.model_validate(speak(args, self.tool).model_dump())

    async def readings(self, ids: tuple[str, ...]) -> tuple[Reading, ...]:  # noqa: ARG002 - the shape of the port
        return ()

    async def snapshot(self, model: type[M], gather: Callable[[], Awaitable[M]]) -> M:
        made = await gather()
        assert isinstance(made, model)
        return made


async def test_a_script_is_read_within_the_slot_and_every_word_is_timed(speech_context: Callable[[], ToolContext]) -> None:
    ctx = DirectContext(speech_context(), personality(words_per_minute=165))
    free = await run(Input(script=SCRIPT, seconds=None), ctx)
    slot = free.duration_s * 1.07
    fitted = await run(Input(script=SCRIPT, seconds=slot), ctx)
    assert fitted.duration_s == pytest.approx(slot, rel=policy.SLOT_TOLERANCE)
    narration = Narration.model_validate_json(ctx.store.read(fitted.narration))
    assert [word.text for word in narration.words] == " ".join(one.text for one in SCRIPT.sentences).split()
    assert fitted.longest_silence_s <= 1.5
    assert len(ctx.asked) <= 3


async def test_the_decisions_name_voice_pace_delivery_and_readings(speech_context: Callable[[], ToolContext]) -> None:
    ctx = DirectContext(speech_context(), personality())
    output = await run(Input(script=SCRIPT, seconds=None), ctx)
    assert [one.agent for one in output.decisions] == ["voice_director"] * 4
    assert output.decisions[0].choice == "joe-medium"
    assert "not for monetised channels" in output.decisions[0].reasons
    assert {"12 → twelve", "U.S → U S", "Dr → doctor"} & set(output.decisions[3].reasons)


def test_a_slot_beyond_twelve_percent_keeps_a_natural_pace_and_says_so() -> None:
    channel = personality(words_per_minute=160)
    plan = policy.plan_reading(snapshot_of(), channel, JOE)
    squeezed = policy.refit(plan, 20.0, 10.0)
    assert squeezed is not None
    assert squeezed.length_scale == pytest.approx(plan.character_scale / 1.12, abs=1e-3)
    assert policy.refit(squeezed, 18.0, 10.0) is None
    said = policy.decisions(snapshot_of(seconds=10.0), channel, squeezed, CAST, heard(18.0))[1].reasons
    assert any("the script is too long" in reason for reason in said)


def test_a_duration_within_the_tolerance_needs_no_second_pass() -> None:
    plan = policy.plan_reading(snapshot_of(), personality(), JOE)
    assert policy.refit(plan, 20.5, 20.0) is None
    assert policy.refit(plan, 30.0, None) is None


def test_pauses_are_longer_after_the_hook_and_at_the_end_of_a_beat() -> None:
    plan = policy.plan_reading(snapshot_of(), personality(pause_s=0.3), JOE)
    pauses = {one.id: one.pause_after_s for one in plan.sentences}
    assert pauses["s1"] > pauses["s2"]
    assert pauses["s3"] > pauses["s2"]
    assert max(policy.plan_reading(snapshot_of(), personality(pause_s=1.2), JOE).sentences, key=lambda one: one.pause_after_s).pause_after_s <= 1.2


def test_pauses_shrink_by_what_the_media_gate_measured_and_the_decision_says_so() -> None:
    found = GateResult(name="silence", passed=False, measured="longest 2.00 s", limit="at most 1.5 s", stage="narrate", value=2.0, bound=1.5, at_s=4.0)
    calm, sent_back = snapshot_of(), snapshot_of().model_copy(update={"findings": (found,)})
    plan, shorter = (policy.plan_reading(one, personality(), JOE) for one in (calm, sent_back))
    longest, cut = (max(one.pause_after_s for one in each.sentences) for each in (plan, shorter))
    assert cut == pytest.approx(longest * 0.6, abs=0.01)
    assert [one.pace for one in shorter.sentences] == [one.pace for one in plan.sentences]
    delivery = policy.decisions(sent_back, personality(), shorter, CAST, heard(shorter.expected_s))[2]
    assert any("sent back by the media gate (silence: longest 2.00 s" in reason for reason in delivery.reasons)


def test_the_hook_is_stressed_and_dense_numbers_are_read_slower() -> None:
    plan = policy.plan_reading(snapshot_of(), personality(expressiveness=0.5), JOE)
    by_id = {one.id: one for one in plan.sentences}
    assert by_id["s1"].emphasis > by_id["s4"].emphasis > by_id["s2"].emphasis
    assert by_id["s2"].pace < 1
    flat = policy.plan_reading(snapshot_of(), personality(expressiveness=0.0), JOE)
    assert {one.emphasis for one in flat.sentences} == {0.0}


def test_a_faster_channel_gets_a_shorter_scale() -> None:
    slow, fast = (policy.plan_reading(snapshot_of(), personality(words_per_minute=rate), JOE) for rate in (130, 190))
    assert slow.length_scale / fast.length_scale == pytest.approx(190 / 130, rel=1e-3)


def test_another_voice_stands_in_with_a_reason_and_none_is_refused() -> None:
    other = replace_voice(JOE, name="amy", words_per_minute=150.0)
    snapshot = snapshot_of(voices=(other, replace_voice(JOE, name="ben", words_per_minute=240.0)))
    channel = personality(words_per_minute=155)
    casting = cast_voice(snapshot, channel)
    voice = casting.voice
    assert voice.name == "amy"
    reasons = policy.decisions(snapshot, channel, policy.plan_reading(snapshot, channel, voice), casting, heard(20.0))[0].reasons
    assert "not installed" in reasons[0]
    with pytest.raises(NotFound, match="pip install"):
        cast_voice(snapshot_of(voices=()), channel)


def replace_voice(voice: VoiceAtHand, **changes: object) -> VoiceAtHand:
    return voice.model_copy(update=changes)


def test_a_sentence_the_voice_cannot_say_is_named() -> None:
    with pytest.raises(Invalid, match="sentence s9: the voice cannot say 'Москва'"):
        policy.plan_reading(snapshot_of(script_of((sentence("s9", "Москва grew."),))), personality(), JOE)


async def test_pronunciations_come_from_the_home_and_the_channel_wins(speech_context: Callable[[], ToolContext], tmp_path: Path) -> None:
    channel = personality()
    folder = tmp_path / "pronunciations"
    folder.mkdir()
    (folder / "all.toml").write_text('[words]\nXi = "zee"\nNasa = "nassa"\n')
    (folder / f"{channel.id}.toml").write_text('[words]\nXi = "shee"\n')
    tool = replace(speech_context(), settings=Settings(home=tmp_path))
    ctx = DirectContext(tool, channel)
    made = await gather(Input(script=SCRIPT, seconds=None), ctx)
    assert made.pronunciations == {"Xi": "shee", "Nasa": "nassa"}
    (folder / "all.toml").write_text("words = 3")
    with pytest.raises(Invalid, match=r"all\.toml"):
        await gather(Input(script=SCRIPT, seconds=None), ctx)
