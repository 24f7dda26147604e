"""Keep trends as a history: topics of a tenant with their meaning, where they were seen, and series of measured attention."""

from importlib.resources import files

from alembic import op

revision = "0005_trend_history"
down_revision: str | None = "0004_platform"


def upgrade() -> None:
    """Replace the two tables that nothing ever wrote to by three, from this revision's own SQL."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0005_trend_history.sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop the history and put the two empty tables of the first revision back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0005_trend_history_down.sql").read_text("utf-8"))
