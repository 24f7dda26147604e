"""What is known of publications, each figure with its age; where there is none, why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from api.figures import figures_of
from infra.database import Session
from memory.records.publications import PublicationRecord

COUNTS = ("views", "likes", "comments")
_NO_PLATFORM = "the local library counts nothing; publish to a platform to measure"


def video_told(session: Session, one: PublicationRecord, now: datetime) -> dict[str, Any]:
    """Return a publication with every figure that is still known of it."""
    known = figures_of(session, one, now)
    figures, why = known["figures"], _why(one, known["looks"])
    told = {name: _figure(figures["statistics"], name, why) for name in COUNTS}
    reach = figures["reach"][-1] if figures["reach"] else None
    told |= {name: _figure(reach, name, _later(why, "the platform tells reach by day, after two days")) for name in ("impressions", "ctr")}
    return {
        "publication": one.id,
        "run": one.run_id,
        "channel": one.channel_id,
        "publisher": one.publisher,
        "provenance": one.provenance,
        "published_at": one.published_at.isoformat() if one.published_at else None,
        "url": one.external_url,
        "figures": told,
        "days": [{"covers": day["covers"], "age_s": day["age_s"], "values": _numbers(day["values"])} for day in figures["days"]],
        "looks": [{name: look[name] for name in ("check", "status", "due")} for look in known["looks"]],
    }


def channel_told(channel_id: str, videos: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a channel's sums over these publications: only over those that are known, with how many those are and the age of the oldest figure."""
    return {"channel": channel_id, "publications": len(videos), "figures": {name: _sum(name, videos) for name in COUNTS}}


def _sum(name: str, videos: Sequence[dict[str, Any]]) -> dict[str, Any]:
    known = [one["figures"][name] for one in videos if one["figures"][name]["value"] is not None]
    if not known:
        reasons = sorted({one["figures"][name]["why"] for one in videos})
        return {"value": None, "age_s": None, "why": reasons[0] if reasons else "nothing was published yet", "known_of": 0}
    why = f"{len(videos) - len(known)} of {len(videos)} publications are not known and not counted" if len(known) < len(videos) else ""
    return {"value": sum(one["value"] for one in known), "age_s": max(one["age_s"] for one in known), "why": why, "known_of": len(known)}


def _figure(reading: dict[str, Any] | None, name: str, why: str) -> dict[str, Any]:
    value = reading["values"].get(name) if reading is not None else None
    if reading is None or isinstance(value, bool) or not isinstance(value, int | float):
        told = why if reading is None else "the platform did not tell it: the channel hides it, or it has none yet"
        return {"value": None, "age_s": None, "why": told}
    return {"value": value, "age_s": reading["age_s"], "why": ""}


def _why(one: PublicationRecord, looks: Sequence[dict[str, Any]]) -> str:
    """Return why a publication has no figures, from what its looks came to."""
    if one.publisher == "library":
        return _NO_PLATFORM
    if one.published_at is None:
        return f"it is not shown yet; it is {one.state.replace('_', ' ')}"
    if done := [look for look in looks if look["status"] == "done"]:
        return "; ".join(done[-1]["gaps"]) or "what was read is older than 30 days and was deleted, as the platform asks"
    if failed := [look for look in looks if look["status"] == "failed"]:
        return f"the look after {failed[-1]['check']} failed: {failed[-1]['error']}"
    due = min((look["due"] for look in looks), default=None)
    return f"nobody has looked yet; the first look is due at {datetime.fromisoformat(due):%Y-%m-%d %H:%M} UTC" if due else "no look is planned"


def _later(why: str, usual: str) -> str:
    return why if why == _NO_PLATFORM or "not shown yet" in why else usual


def _numbers(values: dict[str, Any]) -> dict[str, float]:
    return {name: value for name, value in values.items() if isinstance(value, int | float) and not isinstance(value, bool)}
