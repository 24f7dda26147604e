"""Fetching every source of the catalogue once, so that an operator sees which of them answer from here."""

import json
from typing import Any

from api.needs import Caller
from infra.clock import SYSTEM_CLOCK
from infra.ids import new_id
from tools.call import JobKey, RunScope
from tools.collect_trends.schema import SPEC, CollectTrendsArgs

BUDGET_S = 150.0


async def check_sources(workshop: Caller) -> list[dict[str, Any]]:
    """Fetch all sources and return their status; those that answered are noted with the time in `sources-verified.json`."""
    run_id = new_id("doctor")
    args = CollectTrendsArgs(languages=(), entries_per_source=3, budget_s=BUDGET_S)
    key = JobKey(run_id=run_id, node="doctor", iteration=0, ordinal=0)
    result = await workshop.caller.call(SPEC, args, key=key, agent="trend_scout", run=RunScope(run_id=run_id))
    note = workshop.settings.home / "sources-verified.json"
    verified: dict[str, str] = json.loads(note.read_text("utf-8")) if note.exists() else {}
    now = SYSTEM_CLOCK.now().isoformat(timespec="seconds")
    verified |= {status.source_id: now for status in result.sources if status.status in {"ok", "not_modified"}}
    note.write_text(json.dumps(verified, indent=1, sort_keys=True) + "\n", "utf-8")
    return [status.model_dump() | {"verified_at": verified.get(status.source_id, "")} for status in result.sources]
