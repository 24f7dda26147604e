"""Connect accounts over HTTP, take ready videos and single agents as tasks, keep addresses apart, and know which checkout is open."""

from importlib.resources import files

from alembic import op

revision = "0023_accounts"
down_revision: str | None = "0022_payments"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0023_accounts.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0023_accounts_down.sql").read_text("utf-8"))
