"""Keep with each video and task where it stands, and with a video when it is shown: lists are found and ordered by that without reading a whole tenant."""

from importlib.resources import files

from alembic import op

revision = "0026_calendar"
down_revision: str | None = "0025_kept"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    _run("0026_calendar.sql")


def downgrade() -> None:
    """Take it back."""
    _run("0026_calendar_down.sql")


def _run(name: str) -> None:
    statements = (files("memory.migrations") / "versions" / name).read_text("utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
