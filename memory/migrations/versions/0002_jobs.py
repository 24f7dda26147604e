"""Create the job kernel's tables: jobs, attempts and workers."""

from importlib.resources import files

from alembic import op

revision = "0002_jobs"
down_revision: str | None = "0001_initial"


def upgrade() -> None:
    """Create the tables from this revision's own SQL, which later changes of the records do not touch."""
    op.get_bind().exec_driver_sql((files("memory.migrations") / "versions" / "0002_jobs.sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop the kernel's tables; jobs in flight are lost with them."""
    for table in ("job_attempts", "workers", "jobs"):
        op.get_bind().exec_driver_sql(f"drop table {table}")
