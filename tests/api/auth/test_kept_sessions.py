"""Whom sessions speak for is kept, and forgotten at once when one ends or its user changes."""

import asyncio

from infra.database import Database
from memory.repositories.users import UserRepository
from tests.fixtures.identity import Door, log_in

_WITHIN_S = 10.0


async def session_of(door: Door, email: str) -> tuple[str, str]:
    """Sign in and return the session's and the user's id."""
    user = door.add_user(email)
    await log_in(door.client(), email)
    with door.state.studio.unit_of_work() as session:
        found = session.connection().exec_driver_sql("select id from sessions where user_id = %s", (user,))
        return str(found.scalar_one()), user


async def test_a_session_is_read_once_and_its_end_is_seen_at_once(door: Door) -> None:
    sessions, counts = door.identity.authenticator.sessions, door.state.cache.counts
    session, user = await session_of(door, "a@example.com")
    for _ in range(3):
        holder = await sessions.holder(session, user)
        assert holder is not None
        assert (holder.user_id, holder.role) == (user, "operator")
    assert (counts["user_sessions", "miss"], counts["user_sessions", "hit"]) == (1, 2)
    door.run(f"update sessions set ended_at = now(), ended_why = 'test' where id = '{session}'")
    await door.state.cache.settle()
    assert await sessions.holder(session, user) is None


async def test_a_change_of_the_user_is_seen_too(door: Door) -> None:
    session, user = await session_of(door, "a@example.com")
    assert (await door.identity.authenticator.sessions.holder(session, user)) is not None
    with door.state.studio.unit_of_work() as work:
        UserRepository(work).change(user, role="viewer")
    await door.state.cache.settle()
    holder = await door.identity.authenticator.sessions.holder(session, user)
    assert holder is not None
    assert holder.role == "viewer"


async def test_one_that_ends_by_itself_is_over_however_long_it_is_kept(door: Door) -> None:
    sessions = door.identity.authenticator.sessions
    session, user = await session_of(door, "a@example.com")
    door.run(f"update sessions set expires_at = now() + interval '0.3 seconds' where id = '{session}'")
    assert (await sessions.holder(session, user)) is not None
    async with asyncio.timeout(_WITHIN_S):
        while (await sessions.holder(session, user)) is not None:
            await asyncio.to_thread(Database.ping, door.state.studio)
    assert door.state.cache.counts["user_sessions", "miss"] == 1
