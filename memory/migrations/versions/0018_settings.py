"""Create the settings that are changed while the studio runs."""

from importlib.resources import files

from alembic import op

revision = "0018_settings"
down_revision: str | None = "0016_tasks"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0018_settings.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0018_settings_down.sql").read_text("utf-8"))
