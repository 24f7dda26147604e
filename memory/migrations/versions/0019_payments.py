"""Create who pays for which plan, and the events of Stripe that were taken."""

from importlib.resources import files

from alembic import op

revision = "0019_payments"
down_revision: str | None = "0019_nouns"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0019_payments.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0019_payments_down.sql").read_text("utf-8"))
