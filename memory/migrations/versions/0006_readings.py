"""Create readings of platforms, which expire, and the traces of what rests on them."""

from importlib.resources import files

from alembic import op

revision = "0006_readings"
down_revision: str | None = "0005_trend_history"


def upgrade() -> None:
    """Create the tables from this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0006_readings.sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop the tables; what was read is read again at the next look."""
    for table in ("reading_traces", "readings"):
        op.get_bind().exec_driver_sql(f"drop table {table}")
