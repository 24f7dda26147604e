"""Create the answers kept for repeated requests and the nonces of signed ones, and let a channel have a budget of a day."""

from importlib.resources import files

from alembic import op

revision = "0014_service"
down_revision: str | None = "0013_identity"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0014_service.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0014_service_down.sql").read_text("utf-8"))
