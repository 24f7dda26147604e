"""The voice director on small scripts, with the real voice."""

from agents import voice_director
from agents.voice_director.schemas import Snapshot, VoiceAtHand
from evals.context import Bench
from evals.outcome import CasePart, Outcome, attempt
from evals.tasks.scripts import CaseScript
from tools.vendors.piper.voices import list_voices


class VoiceCase(CasePart):
    """A small script, its slot in seconds, and how the channel says certain words."""

    channel: str = "field-notes"
    script: CaseScript
    seconds: float | None = None
    pronunciations: dict[str, str] = {}


class VoiceExpect(CasePart):
    """What must be heard or decided; `misses_slot` marks a slot that no natural pace can fill, which must be said."""

    misses_slot: bool = False
    says: tuple[str, ...] = ()


async def run(case: VoiceCase, bench: Bench) -> Outcome:
    """Run the voice director on a case."""
    voices = tuple(
        VoiceAtHand(name=one.name, licence=one.licence, words_per_minute=one.words_per_minute, monetisable=one.monetisable)
        for one in list_voices(bench.settings)
    )
    script = case.script.build()
    stored = Snapshot(script=script, seconds=case.seconds, voices=voices, pronunciations=case.pronunciations)
    context = bench.context("voice_director", case.channel, stored=stored)
    given = voice_director.Input(script=script, seconds=case.seconds)
    return await attempt(given, context, lambda: voice_director.run(given, context))
