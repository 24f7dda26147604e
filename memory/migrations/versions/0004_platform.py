"""Create connections to platform channels, their sealed consents, and the platform's quota."""

from importlib.resources import files

from alembic import op

revision = "0004_platform"
down_revision: str | None = "0003_gateway"


def upgrade() -> None:
    """Create the tables from this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0004_platform.sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop the tables; owners have to consent again, and today's spent quota is forgotten."""
    for table in ("quota_blocks", "quota_plans", "quota_spends", "channel_tokens", "platform_channels"):
        op.get_bind().exec_driver_sql(f"drop table {table}")
