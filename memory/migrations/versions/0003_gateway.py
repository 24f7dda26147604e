"""Let the ledger follow a call in flight, and add circuits, alerts of limits, and operators."""

from importlib.resources import files

from alembic import op

revision = "0003_gateway"
down_revision: str | None = "0002_jobs"

_COLUMNS = ("endpoint", "credential", "kind", "provenance", "outcome", "call_key", "content_key", "answer", "lease_expires_at")


def upgrade() -> None:
    """Create what is new from this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0003_gateway.sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop what was added; the entries and accounts stay."""
    for table in ("operators", "cost_alerts", "provider_circuits"):
        op.get_bind().exec_driver_sql(f"drop table {table}")
    for column in _COLUMNS:
        op.get_bind().exec_driver_sql(f"alter table cost_entries drop column {column}")
