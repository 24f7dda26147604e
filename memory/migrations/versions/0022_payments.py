"""Create who pays for which plan, and the events of Stripe that were taken."""

from importlib.resources import files

from alembic import op

revision = "0022_payments"
down_revision: str | None = "0021_webhooks"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0022_payments.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0022_payments_down.sql").read_text("utf-8"))
