"""Let a production be conducted and stopped by request, let a channel ask for two people, and keep what was proposed on an approval."""

from importlib.resources import files

from alembic import op

revision = "0019_nouns"
down_revision: str | None = "0018_settings"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0019_nouns.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0019_nouns_down.sql").read_text("utf-8"))
