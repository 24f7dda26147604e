"""The typed tasks of the language port: what goes in and what must come out."""

from datetime import date
from typing import Literal

from pydantic import Field

from memory.artifacts import Brief, Frozen
from memory.personality import Personality

FaultKind = Literal["dull_opening", "unclear", "abrupt", "repetitive", "off_tone", "misleading"]
SpokenRole = Literal["hook", "fact", "quote", "transition", "call_to_action", "closing"]


class BeatPlan(Frozen):
    """One stretch of a template: what belongs there, what it may be called, and what may lead into it."""

    name: str
    headings: tuple[str, ...]
    cues: tuple[str, ...] = ()
    transitions: tuple[str, ...] = ()


class Template(Frozen):
    """The shape of a script as data: its beats in order and which niches, styles and lengths it suits."""

    id: str
    title: str
    categories: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    min_seconds: int = 15
    max_seconds: int = 1200
    beats: tuple[BeatPlan, ...]
    calls_to_action: tuple[str, ...]
    title_forms: tuple[str, ...] = ()


class ComposeRequest(Frozen):
    """Everything a writer may use: the evidence, the shape, the voice, the slot, and what a review asked for."""

    brief: Brief
    personality: Personality
    template: Template
    seconds: int = Field(ge=5, le=3600)
    seed: int = 0
    today: date | None = None
    avoid_passages: tuple[str, ...] = ()
    avoid_hooks: tuple[str, ...] = ()
    feedback: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()
    word_scale: float = Field(default=1.0, gt=0.2, lt=3)
    previous: tuple[str, ...] = ()


class DraftSentence(Frozen):
    """One spoken sentence as a writer hands it in."""

    text: str = Field(max_length=400)
    role: SpokenRole
    citations: tuple[str, ...] = ()


class DraftBeat(Frozen):
    """A heading and its sentences."""

    heading: str = Field(max_length=60)
    sentences: tuple[DraftSentence, ...]


class ScriptDraft(Frozen):
    """A writer's answer to `compose_script`; visual direction, rights and scores are added by code."""

    beats: tuple[DraftBeat, ...]
    titles: tuple[str, ...]
    tags: tuple[str, ...] = ()
    understood: str = Field(default="", max_length=1000, description="How the writer took what was asked to change; shown to whoever asked, never spoken.")


class CritiqueRequest(Frozen):
    """A script to read as a viewer hears it: its sentences in order, and the channel it is for."""

    personality: Personality
    seconds: int = Field(ge=5, le=3600)
    sentences: tuple[str, ...] = Field(min_length=1, max_length=400)


class ScriptFault(Frozen):
    """What would make a viewer leave or misunderstand: the number of the sentence, from 1, and what would mend it."""

    sentence: int = Field(ge=1)
    kind: FaultKind
    why: str = Field(max_length=240)


class Critique(Frozen):
    """A critic's answer to `critique_script`; the worst fault first."""

    faults: tuple[ScriptFault, ...] = Field(max_length=6)
