"""Which revision of the schema the database has."""

from sqlalchemy import text

from infra.database import UnitOfWork


def revision(session: UnitOfWork) -> str:
    """Return the revision, asked of the database now."""
    return str(session.scalar(text("select version_num from alembic_version")) or "none")
