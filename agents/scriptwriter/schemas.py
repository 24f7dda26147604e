"""What the scriptwriter is given, what it saw, and what it hands on."""

from pydantic import Field

from memory.artifacts import Brief, Decision, Frozen, Passage, Script


class Suggestion(Frozen):
    """One thing a review asks for: which criterion, what to do, and which sentences it is about."""

    criterion: str
    text: str
    sentence_ids: tuple[str, ...] = ()


class Review(Frozen):
    """A script measured on named criteria (each 0..1). Anything in `blocking` must go whatever the score."""

    score: float
    scores: dict[str, float]
    suggestions: tuple[Suggestion, ...] = ()
    blocking: tuple[Suggestion, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the script may go on: nothing blocking, and at least 0.75."""
        return not self.blocking and self.score >= 0.75


class Input(Frozen):
    """A brief to write, or an earlier script with what a review or a person said about it."""

    brief: Brief
    previous: Script | None = None
    review: Review | None = None
    notes: tuple[str, ...] = ()
    revision: int = Field(default=0, ge=0, le=10)
    allow_share_alike: bool = True


class Suspect(Frozen):
    """A passage, or the title of a document, that gives orders to a machine: which rule of the screen it met, and the words."""

    id: str
    rule: str
    excerpt: str


class Snapshot(Frozen):
    """What memory said before the first word was written, and what the screen found in the sources."""

    lessons: tuple[str, ...] = ()
    earlier_openings: tuple[str, ...] = ()
    nearest_script: float = 0.0
    suspects: tuple[Suspect, ...] = ()


class Output(Frozen):
    """The script, how it measures, the passages it cites, and why it is as it is."""

    script: Script
    review: Review
    passages: tuple[Passage, ...]
    decisions: tuple[Decision, ...]
