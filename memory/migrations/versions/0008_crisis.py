"""Create notices that come in and messages that go out, and let incidents name their actions."""

from importlib.resources import files

from alembic import op

revision = "0008_crisis"
down_revision: str | None = "0007_autonomy"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0008_crisis.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0008_crisis_down.sql").read_text("utf-8"))
