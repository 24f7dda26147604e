"""How near a channel comes to the others: what was measured of its newest videos, and how alike the channels themselves sound and look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from memory.artifacts import Provenance
from memory.personality import Personality, load_personalities, personality_id_of
from memory.records.channels import ChannelRecord
from memory.records.fingerprints import SamenessCheckRecord
from memory.repositories.fingerprints import FingerprintRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from memory.sameness import Budget, Fingerprint, Measure, presence

NEWEST = 20
_ACROSS = " across channels"
PRESENCE = "presence"


@dataclass(frozen=True)
class Nearest:
    """The highest of one measure, 0..1, of the channel's newest videos, or of the channel itself: to what, and how high it may be.

    `to` says whether earlier videos of the channel itself are meant, or other channels; `measured_at` is None for what is measured as it is asked.
    """

    measure: str
    to: Literal["own", "others"]
    value: float
    limit: float
    channel: str
    title: str
    run: str
    measured_at: datetime | None

    @property
    def share(self) -> float:
        """How much of what is allowed it takes, 1 and more at the limit."""
        return self.value / self.limit if self.limit else float(self.value > 0)


@dataclass(frozen=True)
class Standing:
    """A channel among the others: every measure, and of those with other channels the one that comes nearest its limit (None where it is alone)."""

    provenance: Provenance
    checks: int
    measures: tuple[Nearest, ...]
    nearest: Nearest | None
    budget: Budget


def standing_of(session: Session, channel_id: str, provenance: Provenance | None = None) -> Standing:
    """Return how a channel stands, of one kind of truth: the given one, else that of its newest measurement."""
    prints = FingerprintRepository(session)
    if provenance is None:
        newest = prints.checks(channel_id, limit=1)
        provenance = Provenance(newest[0].provenance) if newest else Provenance.REAL
    checks = prints.checks(channel_id, provenance, NEWEST)
    measured = _measured([(check, Measure.model_validate(one)) for check in checks for one in check.report["measures"]])
    own = _presence(session, channel_id)
    measures = (*([own] if own else ()), *measured)
    others = [one for one in measures if one.to == "others" and one.channel]
    nearest = max(others, key=lambda one: (one.share, one.measure), default=None)
    return Standing(provenance, len(checks), measures, nearest, prints.budget(channel_id, provenance))


def _measured(found: list[tuple[SamenessCheckRecord, Measure]]) -> tuple[Nearest, ...]:
    """Return the highest of each measure; how alike the channels are is measured as it is asked, since both may have changed."""
    highest: dict[str, tuple[SamenessCheckRecord, Measure]] = {}
    for check, one in found:
        if not one.name.startswith(PRESENCE) and (one.name not in highest or one.value > highest[one.name][1].value):
            highest[one.name] = check, one
    return tuple(_nearest(check, one) for check, one in highest.values())


def _nearest(check: SamenessCheckRecord, one: Measure) -> Nearest:
    to: Literal["own", "others"] = "others" if one.name.endswith(_ACROSS) else "own"
    name = one.name.removesuffix(_ACROSS)
    return Nearest(name, to, one.value, one.limit, one.nearest_channel, one.nearest, one.nearest_run, check.created_at)


def _presence(session: Session, channel_id: str) -> Nearest | None:
    """Return how alike the channel and the nearest other one sound and look, as both are now."""
    names = {row.id: row.name for row in session.execute(select(ChannelRecord.id, ChannelRecord.name)) if personality_id_of(row.id) in load_personalities()}
    if channel_id not in names or len(names) < 2:
        return None
    now = PersonalityChangeRepository(session).personalities(list(names))
    mine = now.pop(channel_id)
    of = {other: presence(_shown(mine), _shown(one)) for other, one in now.items()}
    other = max(of, key=lambda one: (of[one], one))
    return Nearest(PRESENCE, "others", round(of[other], 4), mine.sameness.presence, other, names[other], "", None)


def _shown(personality: Personality) -> Fingerprint:
    voice = personality.voice
    return Fingerprint(voice=voice.paid.get("elevenlabs") or voice.paid.get("google_tts") or voice.name, pace=voice.words_per_minute, look=personality.look)
