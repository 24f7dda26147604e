"""Remember of each session when its person last showed their password."""

from importlib.resources import files

from alembic import op

revision = "0024_confirmed"
down_revision: str | None = "0023_accounts"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0024_confirmed.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql("alter table sessions drop column confirmed_at")
