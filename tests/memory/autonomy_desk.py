"""Rows of autonomous runs for the tests of repositories."""

from datetime import UTC, datetime, timedelta
from typing import Any

from infra.database import Database
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.autonomous_runs import AutonomousRunRepository, Wake

START = datetime(2026, 11, 28, 9, tzinfo=UTC)


def autonomous(run_id: str = "auto_1", channels: tuple[str, ...] = ("tide_lines",), **changed: Any) -> AutonomousRunRecord:
    """Return an autonomous run that is due at once."""
    values = {
        "id": run_id,
        "tenant_id": LOCAL_TENANT,
        "key": run_id,
        "request": {"channels": list(channels)},
        "provenance": "demo",
        "budget_microusd": 5_000_000,
        "starts_at": START,
        "ends_at": START + timedelta(hours=72),
        "wake_at": START,
    }
    return AutonomousRunRecord(**{**values, **changed})


def begin(database: Database, run_id: str = "auto_1", **changed: Any) -> str:
    """Write an autonomous run down and return its id."""
    with database.unit_of_work() as session:
        return AutonomousRunRepository(session).create(autonomous(run_id, **changed)).id


def wake(database: Database, owner: str = "conductor_a", ttl_s: float = 30.0) -> Wake:
    """Claim the wake-up that is due."""
    with database.unit_of_work() as session:
        found = AutonomousRunRepository(session).claim_due(owner, ttl_s)
    assert found is not None
    return found
