"""Create every table but the job kernel's."""

from importlib.resources import files

from alembic import op

revision = "0001_initial"
down_revision: str | None = None

_TABLES = (
    *("run_events", "checks", "incidents", "lessons", "embeddings", "publications", "approvals", "artifacts", "decisions", "snapshots"),
    *("trend_observations", "trend_topics", "source_states", "cost_entries", "cost_accounts", "kill_switches", "audit_events"),
    *("runs", "videos", "channels", "users", "tenants"),
)


def upgrade() -> None:
    """Create the tables from this revision's own SQL, which later changes of the records do not touch."""
    connection = op.get_bind()
    connection.exec_driver_sql("create extension if not exists vector")
    for name in ("0001_production.sql", "0001_knowledge.sql"):
        statements = (files("memory.migrations") / "versions" / name).read_text("utf-8")
        connection.exec_driver_sql(statements.replace("%", "%%"))
    connection.exec_driver_sql("insert into tenants (id, name) values ('tenant_local', 'This studio')")


def downgrade() -> None:
    """Drop what this revision made; the extension stays, since others may use it."""
    connection = op.get_bind()
    for table in _TABLES:
        connection.exec_driver_sql(f"drop table {table}")
    connection.exec_driver_sql("drop function refuse_audit_change()")
