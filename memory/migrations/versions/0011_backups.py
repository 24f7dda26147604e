"""Create the record of backups and restore drills."""

from importlib.resources import files

from alembic import op

revision = "0011_backups"
down_revision: str | None = "0010_machines"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0011_backups.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0011_backups_down.sql").read_text("utf-8"))
