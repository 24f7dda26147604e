"""Takes from paid voices: asked for through the gateway, cleaned, timed, and kept by what they depend on, so that none is bought twice."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from infra.ids import Json, canonical_json
from infra.settings import Settings
from memory.consents import get_consent
from tools.base import ToolContext, ToolError
from tools.gateway import Answer, CallSpoiled, Gateway, PaidCall, open_gateway
from tools.gateway_prices import Price, cost_microusd, price_of
from tools.synthesize_speech.alignment import Span
from tools.synthesize_speech.estimate import estimated_spans
from tools.synthesize_speech.restoration import restore
from tools.synthesize_speech.schema import Args
from tools.synthesize_speech.sound import finish
from tools.synthesize_speech.takes import RECIPE, Line, Taken, decode_take, encode_take, spread
from tools.vendors.speech import Context, SpeechAsk, Voice, VoiceBarred, VoiceFacts

PAID = ("elevenlabs", "google_tts")
_NAMESPACE = "bought_speech"
_NOTES = "bought_speech_notes"
# Request ids are good for two hours; a neighbour bought longer ago is named by its text.
_ID_FRESH_S = 6_000.0
_MOST_NEIGHBOURS = 3


@dataclass(frozen=True)
class PaidReading:
    """What a paid voice made of the lines, and what is known of it."""

    facts: VoiceFacts
    taken: list[Taken]


def provider_of(voice: str) -> str:
    """Return the paid provider that a voice's name begins with, or nothing for a voice of this machine."""
    head = voice.partition(":")[0]
    return head if head in PAID else ""


def connect_voice(settings: Settings, voice: str) -> Voice:
    """Return the client of a paid voice; its SDK is loaded only now, since most narrations never need it."""
    provider, _, voice_id = voice.partition(":")
    found: Voice = import_module(f"tools.vendors.{provider}.client").connect(settings, voice_id)
    return found


def read_paid(args: Args, lines: Sequence[Line], ctx: ToolContext) -> PaidReading:
    """Have a paid voice read every line. Raises errors of `tools.gateway`, VoiceBarred, PriceUnknown or BudgetExceeded."""
    with open_gateway(ctx) as gateway:
        voice = connect_voice(ctx.settings, args.voice)
        try:
            desk = _Desk(voice, gateway, ctx)
            facts = desk.facts(args.language)
            _check_use(facts, args, ctx)
            taken = []
            for one in desk.take_all(facts, lines):
                taken.append(one)
                ctx.progress(len(taken) / len(lines), f"sentence {len(taken)} of {len(lines)}")
            return PaidReading(facts, taken)
        finally:
            voice.close()


def _check_use(facts: VoiceFacts, args: Args, ctx: ToolContext) -> None:
    if args.monetised and not facts.monetisable:
        raise VoiceBarred(f"voice {args.voice}: its licence does not cover a channel that earns money ({facts.licence})", voice=facts.voice_id)
    if facts.cloned:
        get_consent(ctx.settings.home, facts.voice_id, ctx.channel_id, ctx.clock.now().date())


class _Desk:
    """Buys sentence by sentence; the ids of what was bought lately around it help each to go on in the same breath."""

    def __init__(self, voice: Voice, gateway: Gateway, ctx: ToolContext) -> None:
        self._voice, self._gateway, self._ctx = voice, gateway, ctx

    def facts(self, language: str) -> VoiceFacts:
        """Return what the provider says of the voice, asked at most once an hour by all jobs together."""
        hour = self._ctx.clock.now().strftime("%Y-%m-%dT%H")
        asked: dict[str, Json] = {"voice": getattr(self._voice, "voice_id", ""), "model": getattr(self._voice, "model_id", ""), "language": language}
        paid = PaidCall(self._voice.provider, "describe", {**asked, "hour": hour}, 0, credential=self._voice.credential, endpoint="describe", reusable=True)
        value: Any = self._gateway.call(paid, lambda: Answer(_facts_json(self._voice.describe(language)), 0))
        return VoiceFacts(**{**value, "languages": tuple(value["languages"])})

    def take_all(self, facts: VoiceFacts, lines: Sequence[Line]) -> Iterator[Taken]:
        """Yield a take for each line, in order."""
        price = price_of(self._voice.provider, "speech", facts.variant, self._ctx.clock.now().date(), self._ctx.settings)
        for index, line in enumerate(lines):
            if len(line.ask.text) > facts.most_characters:
                raise VoiceBarred(f"sentence {line.id}: {len(line.ask.text)} characters; the voice takes at most {facts.most_characters}: split it")
            yield self._take(facts, price, lines, index)

    def _take(self, facts: VoiceFacts, price: Price, lines: Sequence[Line], index: int) -> Taken:
        line, store = lines[index], self._ctx.store
        key = self._key(facts, line)
        known = store.remembered(_NAMESPACE, key)
        if known is not None:
            return Taken(decode_take(store.read(known)), cached=True, flaw=self._note(key).get("flaw", ""))
        value, paid = self._buy(facts, price, line.ask, replace(line.ask, context=self._around(facts, lines, index)))
        samples = (np.frombuffer(store.read(value["audio"]), "<i2") / 32768).astype(np.float32)
        made = _finished(line, restore(samples, value["rate"]), value)
        store.remember(_NAMESPACE, key, store.put_bytes(encode_take(made.take)))
        note = {"flaw": made.flaw, "request_id": value["request_id"], "at": value["at"]}
        store.remember(_NOTES, key, store.put_bytes(canonical_json(note)))
        return replace(made, microusd=paid)

    def _key(self, facts: VoiceFacts, line: Line) -> dict[str, object]:
        sound = self._voice.key(facts, line.ask)
        return {"recipe": RECIPE, "provider": self._voice.provider, "sound": sound, "shown": line.shown, "gain": line.gain_db}

    def _note(self, key: dict[str, object]) -> dict[str, Any]:
        """Return what is remembered beside a take: why its times are estimates, the provider's id of its sound, and when it was bought."""
        digest = self._ctx.store.remembered(_NOTES, key)
        found: dict[str, Any] = json.loads(self._ctx.store.read(digest)) if digest else {}
        return found

    def _buy(self, facts: VoiceFacts, price: Price, bare: SpeechAsk, ask: SpeechAsk) -> tuple[dict[str, Any], int]:
        spent, billed = [0], self._voice.billed(ask)

        def make() -> Answer:
            try:
                spoken = self._voice.speak(facts, ask)
            except CallSpoiled as error:
                counted = int(error.usage.get("characters", 0))
                raise CallSpoiled(error.message, cost_microusd(price, max(counted, billed)), error.usage) from error
            # A model's price holds for its characters as written, so a multiplier below 1 is in it; one above 1 is the voice's own surcharge.
            spent[0] = cost_microusd(price, max(spoken.characters, billed))
            pcm = np.round(np.clip(spoken.samples, -1, 1) * 32767).astype("<i2").tobytes()
            audio = self._ctx.store.put_bytes(pcm)
            value: dict[str, Json] = {
                "audio": audio,
                "rate": spoken.rate,
                "spans": [[span.start_s, span.end_s] for span in spoken.spans],
                "flaw": spoken.flaw,
                "request_id": spoken.request_id,
                "at": self._ctx.clock.now().timestamp(),
            }
            return Answer(value, spent[0], {"characters": spoken.characters}, (audio,))

        worst = cost_microusd(price, billed * max(1.0, facts.multiplier))
        paid = PaidCall(
            self._voice.provider,
            "speech",
            {"sound": self._voice.key(facts, bare)},
            worst,
            credential=self._voice.credential,
            endpoint="speech",
            reusable=True,
        )
        value: Any = self._gateway.call(paid, make)
        return value, spent[0]

    def _around(self, facts: VoiceFacts, lines: Sequence[Line], index: int) -> Context:
        """Return the neighbours: by the ids of their sound where it was bought lately, and by their texts."""
        oldest = self._ctx.clock.now().timestamp() - _ID_FRESH_S
        notes = {at: self._note(self._key(facts, lines[at])) for at in range(index - _MOST_NEIGHBOURS, index + _MOST_NEIGHBOURS + 1) if 0 <= at < len(lines)}
        ids = {at: str(note["request_id"]) for at, note in notes.items() if note.get("request_id") and note["at"] > oldest}
        texts = [lines[at].ask.text if 0 <= at < len(lines) else "" for at in (index - 1, index + 1)]
        before = tuple(ids[at] for at in sorted(ids) if at < index) if index - 1 in ids else ()
        after = tuple(ids[at] for at in sorted(ids) if at > index) if index + 1 in ids else ()
        return Context(texts[0], texts[1], before, after)


def _finished(line: Line, samples: np.ndarray[Any, np.dtype[np.float32]], value: dict[str, Any]) -> Taken:
    """Return the take with the provider's word times, or with estimates and why."""
    rate, flaw = int(value["rate"]), str(value["flaw"])
    if flaw:
        words = line.ask.words
        spans = estimated_spans(samples, rate, [word.text for word in words], [word.tail for word in words])
    else:
        spans = [Span(min(round(start * rate), len(samples)), min(round(end * rate), len(samples))) for start, end in value["spans"]]
    if not len(samples) or not np.any(samples):
        raise ToolError(f"sentence {line.id}: the voice returned silence")
    return Taken(finish(samples, rate, spread(line.tokens, spans), line.gain_db), cached=False, flaw=flaw)


def _facts_json(facts: VoiceFacts) -> dict[str, Json]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(facts).items()}
