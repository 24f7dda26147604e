"""Which revision of the schema the database has."""

from infra.reads import ReadPool


async def revision(reads: ReadPool) -> str:
    """Return the revision, asked of the database now; raises DatabaseUnavailable."""
    rows = await reads.rows("", "select version_num from alembic_version", {})
    return str(rows[0][0]) if rows else "none"
