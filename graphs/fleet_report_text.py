"""A run's report in words, for a mail or a terminal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

_HEADINGS = {
    "missed": "Missed",
    "failed": "Failed",
    "skipped": "Skipped",
    "cancelled": "Cancelled",
    "open": "Still to come",
}


def report_text(body: Mapping[str, Any]) -> str:
    """Return the report as plain text; times are in the run's zone."""
    zone = ZoneInfo(body["zone"])
    lines = [f"Autonomous run {body['run']}, {_local(body['from'], zone)} to {_local(body['to'], zone)} ({body['zone']})"]
    if body["kind"] == "final":
        lines.append(f"It has ended: {body['reason']}")
    lines += ["", f"Published: {len(body['published'])}"]
    for slot in body["published"]:
        lines.append(f"  {_local(slot['publish_at'], zone)}  {slot['channel']}: {slot['title']}  (${slot['cost_usd']:.2f})")
        lines += [f"    why: {reason}" for reason in slot["why"]]
        lines.append(f"    {slot['note']}")
    for status, heading in _HEADINGS.items():
        lines += _section(heading, [f"{_local(slot['publish_at'], zone)}  {slot['channel']}: {slot['note']}" for slot in body[status]])
    lines += ["", f"Spent ${body['cost_usd']:.2f} of ${body['budget_usd']:.2f}"]
    lines += _section("Held back", [f"{channel}: {reason}" for channel, reason in body["held"].items()])
    lines += _section("Resting", [f"{channel} until {_local(until, zone)}" for channel, until in body["resting"].items()])
    lines += _section("Incidents", [f"{one['severity']}, {one['status']}: {one['summary']} ({one['incident']})" for one in body["incidents"]])
    lines += _section("Learned", [f"{one['channel']}: {one['text']}" for one in body["lessons"]])
    if body["lessons_at_the_platform"]:
        lines.append(f"{body['lessons_at_the_platform']} lessons rest on a platform's figures; `ytempire runs show RUN` shows those while they may be kept")
    return "\n".join(lines) + "\n"


def _section(heading: str, entries: list[str]) -> list[str]:
    return ["", f"{heading}: {len(entries)}", *(f"  {entry}" for entry in entries)] if entries else []


def _local(moment: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M")
