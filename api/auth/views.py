"""Rows of identity as clients see them."""

from api.auth.schemas import SessionView, TokenView, UserView
from memory.records.sessions import ApiTokenRecord, SessionRecord
from memory.records.users import UserRecord


def user_view(user: UserRecord) -> UserView:
    """Return a user for a client."""
    about = {name: getattr(user, name) for name in ("id", "email", "name", "role", "created_at")}
    return UserView(**about, disabled=user.disabled_at is not None)


def session_view(session: SessionRecord, current: str | None) -> SessionView:
    """Return a session for a client, and whether it is the one that asks."""
    about = {name: getattr(session, name) for name in ("id", "address", "agent", "created_at", "expires_at")}
    return SessionView(**about, refreshed_at=session.rotated_at, current=session.id == current)


def token_view(token: ApiTokenRecord) -> TokenView:
    """Return a token for a client, without anything secret."""
    return TokenView(**{name: getattr(token, name) for name in TokenView.model_fields})
