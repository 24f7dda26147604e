"""What the studio knows of trends now, as JSON values: topics with their scores, where they were seen, what was measured and what is expected."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from memory.records.decisions import DecisionRecord
from memory.records.trends import TrendSightingRecord, TrendTopicRecord
from memory.repositories.trends import TrendRepository
from memory.trend_history import HISTORY_DAYS

MOST_POINTS = 200
MOST_ADDRESSES = 5


def trend_report(trends: TrendRepository, now: datetime, days: int, limit: int, cursor: str | None = None) -> dict[str, Any]:
    """Return a tenant's topics seen in the last `days`, best scored first; it reads only, and asks nobody anything."""
    page = trends.page_topics(now - timedelta(days=days), cursor, limit)
    return {"provenance": trends.provenance, "days": days, "topics": tell_topics(trends, page.items, now), "next": page.next}


def tell_topics(trends: TrendRepository, topics: Sequence[TrendTopicRecord], now: datetime) -> list[dict[str, Any]]:
    """Return topics with where they were seen, what was measured of them and what is expected."""
    ids = [topic.id for topic in topics]
    seen = trends.list_sightings(ids)
    measured: dict[str, dict[str, list[dict[str, Any]]]] = {}
    units: dict[tuple[str, str], str] = {}
    for row in trends.list_observations(ids, now - timedelta(days=HISTORY_DAYS)):
        measured.setdefault(row.topic_id, {}).setdefault(row.series, []).append({"at": row.at.isoformat(), "value": row.value})
        units[row.topic_id, row.series] = row.unit
    return [
        _topic(topic, seen.get(topic.id, ()))
        | {
            "series": [
                {"name": name, "unit": units[topic.id, name], "values": len(points), "points": points[-MOST_POINTS:]}
                for name, points in sorted(measured.get(topic.id, {}).items())
            ]
        }
        for topic in topics
    ]


def refusals_of(session: Session, since: datetime, limit: int = 200) -> dict[str, list[dict[str, Any]]]:
    """Return why the scout passed over topics in its newest decisions, by the topic's label, the newest first."""
    newest = DecisionRecord.created_at.desc()
    chosen = select(DecisionRecord).where(DecisionRecord.agent == "trend_scout", DecisionRecord.created_at >= since).order_by(newest, DecisionRecord.run_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in session.scalars(chosen.limit(limit)):
        for told in row.decision.get("alternatives", ()):
            label, colon, reason = str(told).partition(": ")
            if colon:
                found.setdefault(label, []).append({"reason": reason, "run": row.run_id, "at": row.created_at.isoformat()})
    return found


def _topic(topic: TrendTopicRecord, seen: tuple[TrendSightingRecord, ...]) -> dict[str, Any]:
    sources: dict[str, dict[str, Any]] = {}
    for one in seen:
        source = sources.setdefault(one.source_id, {"id": one.source_id, "name": one.source_name, "kind": one.kind, "addresses": []})
        if len(source["addresses"]) < MOST_ADDRESSES:
            source["addresses"].append(one.url)
    return {
        "topic_id": topic.id,
        "topic": topic.label,
        "category": topic.category,
        "keywords": topic.keywords,
        "first_seen": topic.first_seen_at.isoformat(),
        "last_seen": topic.last_seen_at.isoformat(),
        "scores": topic.scores,
        "sources": list(sources.values()),
        "forecast": topic.outlook,
    }
