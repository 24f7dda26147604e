"""Create what processes and the watchdog tell of themselves."""

from importlib.resources import files

from alembic import op

revision = "0009_watchdog"
down_revision: str | None = "0008_crisis"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0009_watchdog.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0009_watchdog_down.sql").read_text("utf-8"))
