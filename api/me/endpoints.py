"""`/v1/me`: one's own account, password, sessions and programs' tokens."""

import secrets
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.auth.access_tokens import LIFE
from api.auth.authenticator import TOKEN_PREFIX, known_of
from api.auth.client import address_of
from api.auth.confirming import RequireConfirmed
from api.auth.identity import IdentityParts
from api.auth.schemas import Confirmation, Confirmed, Me, NewToken, PasswordChange, PasswordChanged, SessionList, Ticket, TokenList, TokenMade
from api.auth.views import session_view, token_view, user_view
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.refusals import NotAllowed
from api.http.state import State
from memory.repositories.api_tokens import ApiTokenRepository
from memory.repositories.audit import AuditRepository
from memory.repositories.sessions import SessionRepository
from memory.repositories.users import UserRepository

router = APIRouter(tags=["me"])
Reader = Annotated[Principal, Require("me:read")]
Editor = Annotated[Principal, Require("me:edit")]
Maker = Annotated[Principal, RequireConfirmed("me:edit")]
Listener = Annotated[Principal, Require("live:read")]
SessionId = Annotated[str, Path(pattern=r"^session_[0-9a-f]{32}$")]
TokenId = Annotated[str, Path(pattern=r"^token_[0-9a-f]{32}$")]


@router.get("/v1/me", response_model=Me, responses=problems(404))
def me_get(state: State, who: Reader) -> Me:
    """Return who asks, and what they may do with this session or token."""
    with state.work(who) as session:
        user = UserRepository(session).get(who.user_id)
        return Me(user=user_view(user), tenant=who.tenant_id, via=who.via, permissions=sorted(who.scopes))


@router.post("/v1/me/password", response_model=PasswordChanged, responses=problems(404, 429))
def me_change_password(request: Request, identity: IdentityParts, who: Editor, change: PasswordChange) -> PasswordChanged:
    """Change one's own password; every other session of one's own ends, and one's tokens for programs are revoked unless they are to be kept."""
    current, new = change.current.get_secret_value(), change.new.get_secret_value()
    holder = (who.user_id, known_of(request).session_id)
    ended, revoked = identity.signing_in.change_password(holder, current, new, keep_tokens=change.keep_tokens)
    return PasswordChanged(ended=ended, tokens_revoked=revoked)


@router.post("/v1/me/confirm", response_model=Confirmed, responses=problems(404, 429))
def me_confirm(request: Request, state: State, identity: IdentityParts, who: Editor, shown: Confirmation) -> Confirmed:
    """Show one's password again, which grave acts ask for; go on with the access token that is answered."""
    known = known_of(request)
    if known.session_id is None:
        raise NotAllowed("authorization: a program's token has no session to confirm")
    token = identity.signing_in.confirm(who.user_id, known.session_id, shown.password.get_secret_value())
    until = state.clock.now() + timedelta(minutes=state.settings.confirm_minutes)
    return Confirmed(access_token=token, expires_in=int(LIFE.total_seconds()), confirmed_until=until)


@router.get("/v1/me/sessions", response_model=SessionList)
def me_list_sessions(request: Request, state: State, who: Reader) -> SessionList:
    """List one's own sessions that are not over, newest first."""
    with state.work(who) as session:
        return SessionList(items=[session_view(one, known_of(request).session_id) for one in SessionRepository(session).list_of(who.user_id)])


@router.delete("/v1/me/sessions/{session_id}", status_code=204, responses=problems(404))
def me_end_session(state: State, who: Editor, session_id: SessionId) -> Response:
    """End one of one's own sessions, at once."""
    with state.work(who) as session:
        SessionRepository(session).end(session_id, who.user_id, "ended by its owner")
        AuditRepository(session).append(who.user_id, "session.ended", who.user_id, {"session": session_id})
    return Response(status_code=204)


@router.get("/v1/me/tokens", response_model=TokenList)
def me_list_tokens(state: State, who: Reader) -> TokenList:
    """List one's own tokens for programs, newest first."""
    with state.work(who) as session:
        return TokenList(items=[token_view(one) for one in ApiTokenRepository(session).list_of(who.user_id)])


@router.post("/v1/me/tokens", status_code=201, response_model=TokenMade, responses=problems(404, 409))
def me_create_token(state: State, who: Maker, new: NewToken) -> TokenMade:
    """Make a token for a program; it is told this once. It may do what its scopes say, and never more than its owner may."""
    for scope in new.scopes:
        who.ensure_may(scope)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with state.work(who) as session:
        valid = None if new.days is None else timedelta(days=new.days)
        made = ApiTokenRepository(session).create(UserRepository(session).get(who.user_id), token, new.name, new.scopes, valid)
        AuditRepository(session).append(who.user_id, "token.made", made.id, {"scopes": new.scopes, "days": new.days})
        return TokenMade(**token_view(made).model_dump(), token=token)


@router.delete("/v1/me/tokens/{token_id}", status_code=204, responses=problems(404))
def me_revoke_token(state: State, who: Editor, token_id: TokenId) -> Response:
    """Revoke one of one's own tokens, at once."""
    with state.work(who) as session:
        ApiTokenRepository(session).revoke(token_id, who.user_id)
        AuditRepository(session).append(who.user_id, "token.revoked", token_id, {})
    return Response(status_code=204)


@router.post("/v1/me/socket-tickets", status_code=201, response_model=Ticket)
def me_create_socket_ticket(request: Request, state: State, identity: IdentityParts, who: Listener) -> Ticket:  # noqa: ARG001 - asked for, not read
    """Return a ticket that opens one socket within 30 seconds, from the same address."""
    ticket = identity.tickets.issue(known_of(request), address_of(request, state.settings))
    return Ticket(ticket=ticket, expires_in=identity.tickets.expires_in)
