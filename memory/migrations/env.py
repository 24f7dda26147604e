"""Alembic's entry: runs the revisions on the connection that `memory.migrations` hands over, in its transaction."""

from alembic import context

from memory.migrations.scope import is_ours
from memory.records.base import Record

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    include_name=is_ours,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
