"""Create outcomes of publications and proposed changes of personalities."""

from importlib.resources import files

from alembic import op

revision = "0012_outcomes"
down_revision: str | None = "0011_backups"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0012_outcomes.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0012_outcomes_down.sql").read_text("utf-8"))
