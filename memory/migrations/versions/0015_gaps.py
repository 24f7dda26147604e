"""Let a run report to addresses of its own, and a task hold a finished script."""

from importlib.resources import files

from alembic import op

revision = "0015_gaps"
down_revision: str | None = "0014_service"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0015_gaps.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0015_gaps_down.sql").read_text("utf-8"))
