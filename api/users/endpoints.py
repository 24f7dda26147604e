"""`/v1/users`: who is let in, and what each may do."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.auth.confirming import RequireConfirmed
from api.auth.links import make_link
from api.auth.schemas import Ended, LinkMade, NewUser, UserChange, UserMade, UserPage, UserView
from api.auth.views import user_view
from api.http.paging import Paging
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import State
from api.http.versions import Version, answer, versioned
from memory.records.users import UserRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.keyset import encode_cursor
from memory.repositories.sessions import SessionRepository
from memory.repositories.users import UserRepository

router = APIRouter(tags=["users"])
Reader = Annotated[Principal, Require("users:read")]
Keeper = Annotated[Principal, RequireConfirmed("users:manage")]
Ender = Annotated[Principal, Require("users:manage")]
UserId = Annotated[str, Path(pattern=r"^user_[0-9a-f]{32}$")]


@router.get("/v1/users", response_model=UserPage)
def users_list(state: State, who: Reader, page: Paging) -> UserPage:
    """List the people of the studio, newest first."""
    with state.work(who) as session:
        cursor = None if page.after is None else encode_cursor(*page.after)
        found = UserRepository(session).list_(who.tenant_id, cursor, page.limit)
        return UserPage(items=[user_view(one) for one in found.items], next=found.next)


@router.post("/v1/users", status_code=201, response_model=UserMade, responses=problems(409))
def users_create(state: State, who: Keeper, new: NewUser) -> Response:
    """Let a person in; the secret of the link by which they set their password is told this once."""
    with state.work(who) as session:
        user = UserRepository(session).add(new.email, new.role, new.name, who.tenant_id)
        secret = make_link(session, who.user_id, user)
        AuditRepository(session).append(who.user_id, "user.added", user.id, {"role": user.role})
        made = UserMade(user=user_view(user), secret=secret)
    return Response(made.model_dump_json(), 201, {"location": f"/v1/users/{user.id}"}, media_type="application/json")


@router.get("/v1/users/{user_id}", response_model=UserView, responses=problems(404))
def users_get(request: Request, state: State, who: Reader, user_id: UserId) -> Response:
    """Return one person."""
    with state.work(who) as session:
        return answer(request, _body(UserRepository(session).get(user_id, who.tenant_id)))


@router.patch("/v1/users/{user_id}", response_model=UserView, responses=problems(404, 409, 412, 428))
def users_edit(state: State, who: Keeper, user_id: UserId, version: Version, asked: UserChange) -> Response:
    """Change a person's name or role, or let them out; effective at once. Somebody is an admin at all times."""
    with state.work(who) as session:
        users = UserRepository(session)
        version.check(_body(users.get(user_id, who.tenant_id, lock=True)))
        changed = users.change(user_id, role=asked.role, name=asked.name, disabled=asked.disabled)
        if asked.disabled:
            SessionRepository(session).end_all(user_id, "user disabled")
        AuditRepository(session).append(who.user_id, "user.changed", user_id, asked.model_dump(exclude_none=True))
        return versioned(_body(changed))


@router.post("/v1/users/{user_id}/link", status_code=201, response_model=LinkMade, responses=problems(404))
def users_create_link(state: State, who: Keeper, user_id: UserId) -> LinkMade:
    """Make a link by which a person sets a new password; it takes the place of an earlier one."""
    with state.work(who) as session:
        secret = make_link(session, who.user_id, UserRepository(session).get(user_id, who.tenant_id))
        AuditRepository(session).append(who.user_id, "user.link_made", user_id, {})
        return LinkMade(secret=secret)


@router.delete("/v1/users/{user_id}/sessions", response_model=Ended, responses=problems(404))
def users_end_sessions(state: State, who: Ender, user_id: UserId) -> Ended:
    """End every session of a person, at once."""
    with state.work(who) as session:
        UserRepository(session).get(user_id, who.tenant_id)
        ended = SessionRepository(session).end_all(user_id, "ended by an admin")
        AuditRepository(session).append(who.user_id, "sessions.ended", user_id, {"sessions": ended})
        return Ended(ended=ended)


def _body(user: UserRecord) -> bytes:
    return user_view(user).model_dump_json().encode()
