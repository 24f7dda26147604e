"""Create identity, tell each hot row its tenant, and part the audit trail from its seals."""

from importlib.resources import files

from alembic import op

revision = "0013_identity"
down_revision: str | None = "0012_outcomes"


def upgrade() -> None:
    """Run this revision's own SQL, which later changes of the records do not touch."""
    _run("0013_identity.sql")


def downgrade() -> None:
    """Take it back; refused while an event of the trail is not sealed, since it could not be kept."""
    _run("0013_identity_down.sql")


def _run(name: str) -> None:
    statements = (files("memory.migrations") / "versions" / name).read_text("utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
