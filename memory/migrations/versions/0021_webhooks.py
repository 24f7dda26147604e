"""Create the addresses that events are sent to, and each event on its way to each."""

from importlib.resources import files

from alembic import op

revision = "0021_webhooks"
down_revision: str | None = "0020_live"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    _run("0021_webhooks.sql")


def downgrade() -> None:
    """Take it back."""
    _run("0021_webhooks_down.sql")


def _run(name: str) -> None:
    statements = (files("memory.migrations") / "versions" / name).read_text("utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
