"""What is wrong with the outside world right now, as the modelled tools and the platform feel it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from infra.ids import seeded
from memory.artifacts import SourceDocument
from memory.media import DiskFull
from tools.base import Args
from tools.vendors.youtube.sandbox_faults import Play, Plays, refused, server_error

# Tools whose first act is to write a large file.
_WRITERS = frozenset({"render_video", "make_visual", "compose_thumbnail", "synthesize_speech", "publish_to_library"})
Poison = Literal["", "breaks", "kills"]


@dataclass
class Weather:
    """The state of the world outside: who is down, who turns requests away, what the disk does; `effects` is what the world recorded."""

    seed: int
    down: set[str] = field(default_factory=set)
    storming: set[str] = field(default_factory=set)
    slowness: float = 1.0
    full: bool = False
    poisoned: list[str] = field(default_factory=list)
    hostile_sources: int = 0
    # Every page that was ever served, by its address, and those that were corrected since; whoever is read a corrected one is told with its run.
    pages: dict[str, SourceDocument] = field(default_factory=dict)
    corrected: dict[str, SourceDocument] = field(default_factory=dict)
    on_corrected: Callable[[str], None] = lambda _run: None
    effects: list[str] = field(default_factory=list)
    tell: Callable[[str], None] = lambda _told: None
    _jobs: dict[str, Poison] = field(default_factory=dict)
    _lengths: dict[str, float] = field(default_factory=dict)

    def record(self, effect: str) -> None:
        """Note something that changed in the world."""
        self.effects.append(effect)
        self.tell(effect)

    def as_it_stands(self, page: SourceDocument) -> SourceDocument:
        """Return a page as it stands by now."""
        return self.corrected.get(page.url, page)

    def poison_of(self, tool: str, job_id: str) -> Poison:
        """Return what is wrong with a job: the first of a poisoned tool is poisoned in every attempt, and either breaks or kills its worker."""
        if job_id not in self._jobs and tool in self.poisoned:
            self.poisoned.remove(tool)
            self._jobs[job_id] = "kills" if seeded(self.seed, "poison", job_id).random() < 0.5 else "breaks"
        return self._jobs.get(job_id, "")

    def ensure_room(self, tool: str) -> None:
        """Raise DiskFull while the disk is full and the tool has to write."""
        if self.full and tool in _WRITERS:
            raise DiskFull("the disk of the studio is full; free some there", free_bytes=0)

    def note_length(self, digest: str, seconds: float) -> None:
        """Remember how long a narration or a film is."""
        self._lengths[digest] = seconds

    def film_seconds(self, args: Args) -> float:
        """Return the length of the film that a job renders or inspects."""
        asked = args.model_dump(include={"narration", "video"})
        return next((self._lengths[one] for one in asked.values() if one in self._lengths), 45.0)


class PlatformPlays(Plays):
    """The platform's script: what was queued, then what the weather says."""

    def __init__(self, weather: Weather) -> None:
        super().__init__()
        self._weather = weather

    def next(self, operation: str) -> Play | None:
        """Return the next misbehaviour of an operation, if one is due."""
        scripted = super().next(operation)
        if scripted is not None or operation.startswith("oauth"):
            return scripted
        if "youtube" in self._weather.storming and operation != "upload.bytes":
            return refused("rateLimitExceeded", retry_after="20")
        return server_error() if "youtube" in self._weather.down and operation != "upload.bytes" else None
