"""Let workers say which host and media store they serve from."""

from importlib.resources import files

from alembic import op

revision = "0010_machines"
down_revision: str | None = "0009_watchdog"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0010_machines.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0010_machines_down.sql").read_text("utf-8"))
