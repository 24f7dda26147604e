"""Create autonomous runs with their slots, injected tasks and named leases."""

from importlib.resources import files

from alembic import op

revision = "0007_autonomy"
down_revision: str | None = "0006_readings"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0007_autonomy.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0007_autonomy_down.sql").read_text("utf-8"))
