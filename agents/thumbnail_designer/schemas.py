"""What the thumbnail designer takes and gives."""

from memory.artifacts import Brief, Decision, Format, Frozen, GateResult, Narration, Picture, Script, Storyboard, Thumbnails


class DesignInput(Frozen):
    """What thumbnails are designed from."""

    script: Script
    brief: Brief
    pictures: tuple[Picture, ...] = ()


class Designed(Frozen):
    """Three thumbnails, best first, and why."""

    thumbnails: Thumbnails
    decisions: tuple[Decision, ...]


class IllustrateInput(Frozen):
    """A script that has been read aloud, the pictures at hand, and what the media gate found wrong with an earlier film of it.

    `own_folder` holds the channel's own pictures and clips. `own` says that the pictures at hand are the user's own as well.
    """

    script: Script
    narration: Narration
    brief: Brief
    pictures: tuple[Picture, ...] = ()
    format: Format = Format.LANDSCAPE
    findings: tuple[GateResult, ...] = ()
    own: bool = False
    own_folder: str | None = None
    # Whether a text-to-image model is configured that may paint what no picture shows.
    paints: bool = False
    # Whether, where none is here, a paid model may make such pictures.
    buys: bool = False


class Candidate(Frozen):
    """A picture and how well it fits one sentence, 0..1; `first` when it goes before all that are not, since the channel asks for its own."""

    sentence_id: str
    picture: Picture
    fit: float
    first: bool = False


class NamedThing(Frozen):
    """A thing that can be drawn and that a sentence names by `word` (or means, when it is empty), with the cosine that supports it."""

    sentence_id: str
    motif: str
    word: str = ""
    nearness: float = 0.0


class Snapshot(Frozen):
    """What is known before anything is drawn: pictures that could serve each sentence, where they were looked for, and what each sentence names."""

    candidates: tuple[Candidate, ...]
    looked_at: tuple[str, ...] = ()
    named: tuple[NamedThing, ...] | None = None


class Illustrated(Frozen):
    """The storyboard and one decision per shot."""

    storyboard: Storyboard
    decisions: tuple[Decision, ...]
