"""Let runs be paused."""

from importlib.resources import files

from alembic import op

revision = "0030_pause"
down_revision: str | None = "0029_inbox"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    _run("0030_pause.sql")


def downgrade() -> None:
    """Take it back."""
    _run("0030_pause_down.sql")


def _run(name: str) -> None:
    statements = (files("memory.migrations") / "versions" / name).read_text("utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
