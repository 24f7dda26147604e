"""Create the events that whoever watches is told of, and announce changes of rows whose reads are kept."""

from importlib.resources import files

from alembic import op

revision = "0020_live"
down_revision: str | None = "0019_nouns"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    _run("0020_live.sql")


def downgrade() -> None:
    """Take it back."""
    _run("0020_live_down.sql")


def _run(name: str) -> None:
    statements = (files("memory.migrations") / "versions" / name).read_text("utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
