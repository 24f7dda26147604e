"""Keep with each question how many risks speak against it and when its video is to be shown, so that what waits is sorted by them."""

from importlib.resources import files

from alembic import op

revision = "0029_inbox"
down_revision: str | None = "0028_account"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0029_inbox.sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it back."""
    op.get_bind().exec_driver_sql("alter table approvals drop column due_at, drop column risks")
