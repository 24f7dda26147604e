"""The first run: while a studio has no user, the stack shows a link by which the first admin comes in."""

from api.auth.links import link_at, make_link
from infra.database import Database
from memory.repositories.users import UserRepository


def first_admin_link(database_url: str, address: str) -> str | None:
    """Return a new link, good once and for 24 hours, in place of an earlier one; None when somebody may sign in already."""
    database = Database(database_url, pool_size=1)
    try:
        with database.unit_of_work() as session:
            return link_at(address, make_link(session, "stack"), first=True) if UserRepository(session).is_empty() else None
    finally:
        database.dispose()
