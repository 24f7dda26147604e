"""What a personality looks and sounds like: one thumbnail and a few spoken sentences, made by the studio's own tools when somebody first asks."""

import asyncio
from typing import Literal, get_args

from api.http.state import ServiceState
from infra.errors import NotFound, Unavailable
from infra.ids import json_digest
from memory.artifacts import Provenance
from memory.personality import Personality, load_personalities
from memory.repositories.retention import SAMPLES
from tools.call import HIGH, JobKey, RunScope
from tools.compose_thumbnail.schema import SPEC as COMPOSE_THUMBNAIL
from tools.compose_thumbnail.schema import ComposeThumbnailArgs, ThumbnailConcept
from tools.synthesize_speech.schema import SPEC as SYNTHESIZE_SPEECH
from tools.synthesize_speech.schema import Args as SpeechArgs
from tools.synthesize_speech.schema import SpokenSentence
from tools.vendors.piper.voices import Voice, list_voices

Kind = Literal["still", "voice"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MEDIA_TYPES: dict[Kind, str] = {"still": "image/jpeg", "voice": "audio/wav"}
ENDINGS: dict[Kind, str] = {"still": "jpg", "voice": "wav"}
PATIENCE_S = 60.0
# A file that is gone is made once more: the job that made it is not asked again.
_TRIES = 2
# What a voice is taken for that was never measured, as the voice director does.
_USUAL_WORDS_PER_MINUTE = 181.0
# No person reads here: it is the same few calls for everybody, whoever asks, and they are free.
_HAND = "operator"


def personality_of(personality_id: str) -> Personality:
    """Return a personality that ships; raises NotFound."""
    found = load_personalities().get(personality_id)
    if found is None:
        raise NotFound(f"personality: {personality_id!r} does not ship; `GET /v1/personalities` lists those that do", personality=personality_id)
    return found


async def sample_of(state: ServiceState, personality: Personality, kind: Kind) -> str:
    """Return the digest of a sample, made on this machine without network or key; the same personality's is made once, however many ask.

    Raises Unavailable while the workers are busy or this machine has no voice, and what a call of a tool raises.
    """
    making = _still if kind == "still" else _voice
    try:
        async with asyncio.timeout(PATIENCE_S):
            for again in range(_TRIES):
                digest = await making(state, personality, again)
                if await asyncio.to_thread(state.media.has, digest):
                    break
            return digest
    except TimeoutError as error:
        raise Unavailable(f"the workers are busy and did not make the sample within {PATIENCE_S:.0f} s; it goes on, so ask again") from error


async def _still(state: ServiceState, personality: Personality, again: int) -> str:
    args = still_args(personality)
    run = RunScope(_run_of(args.model_dump(mode="json")), provenance=Provenance.DEMO, priority=HIGH)
    made = (await state.caller.call(COMPOSE_THUMBNAIL, args, key=JobKey(run.run_id, "still", again, 0), agent=_HAND, run=run)).thumbnails
    return made.variants[made.chosen].image


async def _voice(state: ServiceState, personality: Personality, again: int) -> str:
    voices = await asyncio.to_thread(list_voices, state.settings)
    if not voices:
        raise Unavailable("this machine has no voice; run `make setup`, which installs one, or put a Piper voice into <home>/voices")
    args = speech_args(personality, voices)
    run = RunScope(_run_of(args.model_dump(mode="json")), provenance=Provenance.DEMO, priority=HIGH)
    return (await state.caller.call(SYNTHESIZE_SPEECH, args, key=JobKey(run.run_id, "voice", again, 0), agent=_HAND, run=run)).audio


def still_args(personality: Personality) -> ComposeThumbnailArgs:
    """Return a thumbnail of the channel's own name, in its look; as for a video the best of three is shown."""
    subject = personality.categories[0]
    kinds: tuple[Literal["picture", "statement", "question"], ...] = ("picture", "statement", "question")
    words = (personality.name, personality.name, f"{personality.keywords[0].capitalize()}?")
    concepts = [
        ThumbnailConcept.model_validate({"concept": kind, "words": text, "subject": subject, "seed": 1}) for kind, text in zip(kinds, words, strict=True)
    ]
    return ComposeThumbnailArgs(concepts=tuple(concepts), look=personality.look, channel=personality.name)


def speech_args(personality: Personality, voices: tuple[Voice, ...]) -> SpeechArgs:
    """Return what the channel says of itself, at its own pace: by its own voice of this machine, else by the one whose pace is nearest."""
    wanted = personality.voice
    voice = min(voices, key=lambda one: (one.name != wanted.name, abs(_rate_of(one) - wanted.words_per_minute), one.name))
    parting = (*personality.lines.goodbyes, *personality.closers)[0].format(channel=personality.name, topic=personality.keywords[0])
    texts = (personality.tagline, *personality.lines.asks[:1], parting)
    return SpeechArgs(
        sentences=tuple(SpokenSentence(id=f"s{number}", text=text, pause_after_s=wanted.pause_s) for number, text in enumerate(texts, 1)),
        voice=voice.name,
        language=personality.language,
        length_scale=min(2.0, max(0.5, round(_rate_of(voice) / wanted.words_per_minute, 3))),
        expressiveness=wanted.expressiveness,
    )


def _rate_of(voice: Voice) -> float:
    return voice.words_per_minute or _USUAL_WORDS_PER_MINUTE


def _run_of(args: object) -> str:
    """Return the name under which the call is kept: with the look or the voice another sample is made."""
    return f"{SAMPLES}{json_digest(args)[:32]}"
