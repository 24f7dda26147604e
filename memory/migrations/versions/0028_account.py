"""Let an address have a user in each of several tenants, and give messages to the tenant that they are about."""

from importlib.resources import files

from alembic import op

revision = "0028_account"
down_revision: str | None = "0026_calendar"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    _run("0028_account.sql")


def downgrade() -> None:
    """Take it back; refused by the database while an address has users in several tenants."""
    _run("0028_account_down.sql")


def _run(name: str) -> None:
    statements = (files("memory.migrations") / "versions" / name).read_text("utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
