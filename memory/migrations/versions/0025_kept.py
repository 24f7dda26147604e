"""Announce changes of the rows that lists of videos and approvals, trends and analytics are made of, since their reads are kept."""

from importlib.resources import files

from alembic import op

revision = "0025_kept"
down_revision: str | None = "0024_confirmed"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    _run("0025_kept.sql")


def downgrade() -> None:
    """Take it back."""
    _run("0025_kept_down.sql")


def _run(name: str) -> None:
    statements = (files("memory.migrations") / "versions" / name).read_text("utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
