"""Costs as the command and the service both tell them."""

from typing import Any

from memory.cost_report import CostRow, VideoCost
from memory.ledger import MICROUSD_PER_USD
from memory.records.circuits import CircuitRecord


def row_told(row: CostRow) -> dict[str, Any]:
    """Return what one group comes to, in dollars."""
    money = {"booked_usd": usd(row.booked_microusd), "reserved_usd": usd(row.reserved_microusd), "unknown_usd": usd(row.unknown_microusd)}
    return {"key": row.key} | money | {"calls": row.calls, "unknown_calls": row.unknown_calls, "failed_calls": row.failed_calls}


def video_cost_told(one: VideoCost) -> dict[str, Any]:
    """Return what one video came to, in dollars, by provider."""
    video = one.video
    about = {"video": video.id, "channel": video.channel_id, "title": video.title or video.topic, "created_at": video.created_at.isoformat()}
    return {**about, "usd": usd(one.counted_microusd), "providers": [row_told(row) for row in one.providers]}


def circuit_told(circuit: CircuitRecord) -> dict[str, Any]:
    """Return a provider that is left alone for a while, and why."""
    until = max((one for one in (circuit.open_until, circuit.wait_until) if one is not None), default=None)
    named = {"provider": circuit.provider, "endpoint": circuit.endpoint, "credential": circuit.credential, "state": circuit.state}
    return named | {"failures": circuit.failures, "last_error": circuit.last_error, "until": until.isoformat() if until else None}


def usd(microusd: int) -> float:
    """Return micro-dollars as dollars."""
    return round(microusd / MICROUSD_PER_USD, 6)
