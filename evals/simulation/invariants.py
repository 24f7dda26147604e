"""Seven invariants, checked after every step: by the database with every statement, on every effect outside, in full now and then and at the end."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from evals.simulation import invariants_live as live
from evals.simulation import invariants_sql as sql
from evals.simulation.world import SimulatedPlatform
from infra.errors import StudioError
from infra.settings import Settings
from memory.artifacts import Manifest
from memory.media import MediaStore
from tools.vendors.youtube.reference import REFERENCE_PREFIX

NAMES = (
    "accepted_never_lost",
    "results_never_change",
    "one_input_one_effect",
    "everything_ends",
    "within_budget_and_quota",
    "nothing_public_unapproved",
    "no_superseded_lease",
)
_MICRO = 1_000_000
_PUBLIC = ("videos.publish", "videos.release", "videos.insert")


@dataclass(frozen=True)
class Violation:
    """A broken invariant: which, what was seen, at which event and virtual time, and the seed that shows it again."""

    name: str
    what: str
    event: str
    at: datetime
    seed: int

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.name}: {self.what} (at {self.at.isoformat()}, after {self.event}; replay with seed {self.seed})"


@dataclass
class Watch:
    """What the invariants are judged on: the studio's database, its media, the platform's own record, the limits that hold."""

    connection: "psycopg.Connection[tuple[Any, ...]]"
    store: MediaStore
    platform: SimulatedPlatform
    settings: Settings
    now: Callable[[], datetime]
    seed: int
    tell: Callable[[Violation], None] = lambda _violation: None
    violations: list[Violation] = field(default_factory=list)
    checks: int = 0
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _turned_away: int = 0

    def prepare(self) -> None:
        """Make room beside the studio's tables for what was seen; the connection must be the administrator's and commit by itself."""
        self.connection.execute(sql.SHADOW)
        for statement in live.statements():
            self.connection.execute(statement)
        for scope, microusd in self._limits().items():
            self.connection.execute("insert into watched.limits values (%s, %s)", [scope, microusd])

    def hear(self) -> None:
        """Take up what the database noted since the last call, each with the virtual time at which it was written."""
        for name, what, at in self.connection.execute(live.READ).fetchall():
            self._note(str(name), [str(what)], "a statement", at)

    def effect(self, told: str) -> None:
        """Check what one effect of the platform could break: a second video of one key, or one that nobody approved."""
        operation = told.partition(" ")[0]
        if operation not in _PUBLIC:
            return
        self._note("one_input_one_effect", self._doubled(), told)
        if told.endswith("public"):
            self._note("nothing_public_unapproved", self._unapproved(), told)

    def check(self, event: str = "the clock") -> None:
        """Check everything that must hold at any time."""
        self.checks += 1
        self.hear()
        self._note("accepted_never_lost", self._rows(sql.LOST), event)
        self._note("results_never_change", self._rows(sql.CHANGED), event)
        self._note("one_input_one_effect", [*self._rows(sql.ONE_EFFECT), *self._doubled()], event)
        self._note("within_budget_and_quota", [*self._rows(sql.OVERSPENT, limits=json.dumps(self._limits())), *self._over_quota()], event)
        self._note("nothing_public_unapproved", self._unapproved(), event)
        self._note("no_superseded_lease", self._rows(sql.STALE), event)

    def finish(self) -> None:
        """Check everything once more, and that everything came to an end."""
        self.check("the end")
        self._note("everything_ends", self._rows(sql.OPEN, now=self.now()), "the end")

    def open_work(self) -> list[str]:
        """Return what is still under way."""
        return self._rows(sql.OPEN, now=self.now())

    def news(self) -> list[tuple[str, str, str]]:
        """Return what the studio has logged of its runs since the last call: the run, what happened, and why."""
        return [(str(run), str(kind), str(why)) for run, kind, why in self.connection.execute(sql.NEWS)]

    @property
    def verdicts(self) -> dict[str, bool]:
        """Whether each invariant held."""
        broken = {one.name for one in self.violations}
        return {name: name not in broken for name in NAMES}

    def count(self, name: str) -> int:
        """Return how many violations of an invariant were seen."""
        return sum(one.name == name for one in self.violations)

    def _limits(self) -> dict[str, int]:
        settings = self.settings
        dollars = {"run": settings.limit_run_usd, "video": settings.limit_video_usd, "day": settings.limit_day_usd, "provider": settings.limit_provider_day_usd}
        return {scope: round(limit * _MICRO) for scope, limit in dollars.items()} | (
            {"tenant": round(settings.limit_tenant_usd * _MICRO)} if settings.limit_tenant_usd is not None else {}
        )

    def _over_quota(self) -> list[str]:
        """The platform turns away what is beyond its quota: the studio must not ask, unless somebody else used the day's up."""
        platform = self.platform
        asked, self._turned_away = platform.turned_away - self._turned_away, platform.turned_away
        return [f"the platform turned {asked} requests away for want of quota"] if asked and not platform.exhausted else []

    def _doubled(self) -> list[str]:
        references = Counter(_reference(str(video.snippet["description"])) for video in self.platform.videos.values())
        return [f"{count} videos carry {reference or 'no reference'}" for reference, count in references.items() if count > (1 if reference else 0)]

    def _unapproved(self) -> list[str]:
        """Return every video that is or was public and is not what an accepted approval of its run names."""
        public = sorted(self.platform.public_at)
        if not public:
            return []
        known = {str(external): str(digest) for external, digest in self.connection.execute(sql.KNOWN)}
        found = [f"video {video} is public and no publication knows it" for video in public if video not in known]
        found += self._rows((sql.UNAPPROVED,), public=public)
        return found + [f"video {one} is public and differs from its manifest" for one in public if one in known and not self._as_approved(one, known[one])]

    def _as_approved(self, video_id: str, digest: str) -> bool:
        video = self.platform.videos[video_id]
        try:
            manifest = Manifest.model_validate_json(self.store.read(digest))
        except StudioError:
            return False
        return video.sha256 == manifest.video and video.snippet["title"] == manifest.listing.title

    def _rows(self, statements: Iterable[str], **values: object) -> list[str]:
        found: list[str] = []
        for statement in statements:
            asked = self.connection.execute(statement, values) if values else self.connection.execute(statement)
            found += [str(row[0]) for row in asked] if asked.description is not None else []
        return found

    def _note(self, name: str, found: Iterable[str], event: str, at: datetime | None = None) -> None:
        for what in found:
            if (name, what) not in self._seen:
                self._seen.add((name, what))
                violation = Violation(name, what, event, at or self.now(), self.seed)
                self.violations.append(violation)
                self.tell(violation)


def _reference(description: str) -> str:
    return next((line for line in description.splitlines() if line.startswith(REFERENCE_PREFIX)), "")
