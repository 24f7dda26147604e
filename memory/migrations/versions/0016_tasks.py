"""Let a task be one call of a tool, and create the uploads."""

from importlib.resources import files

from alembic import op

revision = "0016_tasks"
down_revision: str | None = "0015_gaps"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0016_tasks.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0016_tasks_down.sql").read_text("utf-8"))
