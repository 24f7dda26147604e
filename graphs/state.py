"""The shared state of a production run: ids, digests and small values, one key per agent, one writer per key."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class Scouted(TypedDict):
    """The trend scout's slice: the digest of the brief, or why there is none."""

    brief: str | None
    provenance: str
    refusal: str | None


class Written(TypedDict):
    """The scriptwriter's slice: the digest of the newest script, which revision it is, and which edits of people were taken over into it so far."""

    script: str | None
    cited: str | None
    revision: int
    attempt: int
    refusal: str | None
    edits: NotRequired[list[str]]


class Reviewed(TypedDict):
    """The reviewer's slice: the rubric's verdict on the newest script, and once it passes on the one that counts."""

    quality: float
    verdict: Literal["pass", "revise", "refuse"]
    feedback: list[str]
    report: str
    revision: int
    best: str | None
    best_cited: str | None
    best_quality: float
    best_report: str
    # Whether it was sent back once for being too alike to an earlier video.
    alike: NotRequired[bool]


class Decided(TypedDict):
    """A gate's slice: what was decided on which request, any feedback for the agent that works next, and what an edit changes."""

    verdict: Literal["accept", "edit", "respond", "ignore"]
    feedback: list[str]
    artifact: str | None
    by: str
    changes: NotRequired[Literal["listing", "script"]]


class Inspected(TypedDict):
    """The media gate's slice: its report, the stage it sends back (each at most once), and every report that turned the film down so far."""

    report: str
    passed: bool
    warned: bool
    revision: int
    send_back: Literal["narrate", "illustrate", "render"] | None
    rounds: int
    turned_down: list[str]


class Screened(TypedDict):
    """The crisis monitor's slice before publication."""

    report: str
    passed: bool
    reasons: list[str]
    warned: bool


class Prepared(TypedDict):
    """The publisher's slice before approval: the manifest an approval is bound to."""

    manifest: str
    listing: str
    needs_human: bool
    count: int
    revision: int
    edits: str | None
    late: str


class Published(TypedDict):
    """The publisher's slice after publication; `late` says why there was none: its time had passed, or no quota is left before it."""

    publication: str
    location: str
    late: str
    # From when on the platform takes it, where that is what was late.
    quota_from: NotRequired[str]


class Outcome(TypedDict):
    """How the run ended."""

    status: Literal["published", "refused", "rejected", "failed"]
    reasons: list[str]


class ProductionState(TypedDict, total=False):
    """State of one production thread; absent keys have not been reached yet."""

    run_id: str
    scout: Scouted
    write: Written
    review: Reviewed
    script_gate: Decided
    # What came finished, by the digest of what was uploaded; it takes the place of everything that is made.
    film: str
    narration: str
    thumbnails: str
    storyboard: str
    video: str
    inspect: Inspected
    screen: Screened
    prepare: Prepared
    video_gate: Decided
    publish: Published
    outcome: Outcome


Update = dict[str, Any]
