"""`ytempire users`: who may sign in, what each may do, links that set a password, and a change of the keys that sign."""

import sys
from typing import Annotated, Any

import typer

from api.auth.identity import signing_keys
from api.auth.links import link_at, make_link
from api.auth.passwords import Passwords, check_password
from api.auth.permissions import ROLES
from api.desk import at_database, tell
from infra.database import UnitOfWork
from infra.errors import Invalid
from infra.settings import Settings, load_settings
from memory.records.tenants import LOCAL_TENANT
from memory.records.users import UserRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.sessions import SessionRepository
from memory.repositories.users import SignInRepository, UserRepository

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Email = Annotated[str, typer.Argument(help="The person's address.")]
Role = Annotated[str, typer.Option(help="viewer: looks; operator: runs the studio and decides; admin: answers for it.")]
_BY = "operator"


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="Let people in and out, and say what each may do.", no_args_is_help=True)
    for name, work in (("add", add), ("list", list_users), ("role", role), ("disable", disable), ("enable", enable), ("link", link)):
        verb.command(name=name)(work)
    verb.command(name="rotate-keys")(rotate_keys)
    app.add_typer(verb, name="users")


def add(
    email: Email,
    role: Role,
    name: Annotated[str, typer.Option(help="How the person is called.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from one line of standard input; otherwise a link sets it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let a person in: with a password, or with a link by which they set it."""
    check_email(email)
    _check_role(role)
    password = _read_password(email) if password_stdin else None

    def work(session: UnitOfWork) -> dict[str, Any]:
        user = UserRepository(session).add(email, role, name)
        AuditRepository(session).append(_BY, "user.added", user.id, {"role": role}, tenant=user.tenant_id)
        if password is None:
            return _shown(user) | {"link": _link(session, user)}
        SignInRepository(session).set_password(user.id, Passwords().hash(password))
        return _shown(user)

    tell(at_database(work), as_json, _lines)


def list_users(as_json: AsJson = False) -> None:
    """List who may sign in."""

    def work(session: UnitOfWork) -> dict[str, Any]:
        return {"users": [_shown(one) for one in UserRepository(session).list_(LOCAL_TENANT, limit=200).items]}

    def lines(body: dict[str, Any]) -> list[str]:
        if not body["users"]:
            return ["nobody may sign in; let somebody in with: ytempire users add EMAIL --role admin"]
        return [f"{one['email']:<40} {one['role']:<9} {'disabled ' if one['disabled'] else ''}{one['name']}" for one in body["users"]]

    tell(at_database(work), as_json, lines)


def role(email: Email, role: Annotated[str, typer.Argument(help="viewer, operator or admin.")], as_json: AsJson = False) -> None:
    """Say what a person may do, effective at once."""
    _check_role(role)
    tell(at_database(lambda session: _change(session, email, role=role)), as_json, _lines)


def disable(email: Email, as_json: AsJson = False) -> None:
    """Let a person out, at once: their sessions and their programs' tokens are good for nothing any more."""
    tell(at_database(lambda session: _change(session, email, disabled=True)), as_json, _lines)


def enable(email: Email, as_json: AsJson = False) -> None:
    """Let a person in again."""
    tell(at_database(lambda session: _change(session, email, disabled=False)), as_json, _lines)


def link(email: Email, as_json: AsJson = False) -> None:
    """Make a link by which a person sets a new password: good once, for 24 hours."""

    def work(session: UnitOfWork) -> dict[str, Any]:
        user = UserRepository(session).get_by_email(email)
        AuditRepository(session).append(_BY, "user.link_made", user.id, {}, tenant=user.tenant_id)
        return _shown(user) | {"link": _link(session, user)}

    tell(at_database(work), as_json, _lines)


def rotate_keys(as_json: AsJson = False) -> None:
    """Make a new key for access tokens; it signs in ten minutes' time, and what the old one signed stays good until it ends."""
    keys = signing_keys(load_settings())
    body = {"kid": keys.rotate(), "keys": [one["kid"] for one in keys.jwks()["keys"]]}
    at_database(lambda session: AuditRepository(session).append(_BY, "signing_key.made", str(body["kid"]), {}))
    tell(body, as_json, lambda made: [f"key {made['kid']} signs from ten minutes on; nobody is signed out"])


def check_email(email: str) -> None:
    """Raise Invalid, naming the limit, for what is no address."""
    before, at, behind = email.strip().partition("@")
    if not (before and at and behind) or any(one.isspace() or one == "@" for one in before + behind) or len(email) > 254:
        raise Invalid(f"email: {email[:80]!r} is no address; give one such as ada@example.org")


def _change(session: UnitOfWork, email: str, *, role: str | None = None, disabled: bool | None = None) -> dict[str, Any]:
    users = UserRepository(session)
    user = users.change(users.get_by_email(email).id, role=role, disabled=disabled)
    if disabled:
        SessionRepository(session).end_all(user.id, "user disabled")
    about = {"role": role} if role is not None else {"disabled": disabled}
    AuditRepository(session).append(_BY, "user.changed", user.id, about, tenant=user.tenant_id)
    return _shown(user)


def _link(session: UnitOfWork, user: UserRecord) -> str:
    settings: Settings = load_settings()
    return link_at(f"http://{settings.host}:{settings.port}", make_link(session, _BY, user))


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise Invalid(f"role: {role[:40]!r} is none; there are {', '.join(ROLES)}")


def _read_password(email: str) -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    check_password(password, email)
    return password


def _shown(user: UserRecord) -> dict[str, Any]:
    about = {name: getattr(user, name) for name in ("id", "email", "name", "role")}
    return about | {"disabled": user.disabled_at is not None, "since": user.created_at.isoformat()}


def _lines(body: dict[str, Any]) -> list[str]:
    lines = [f"{body['email']} is {'let out' if body['disabled'] else body['role']}"]
    if "link" in body:
        lines += [f"  open within 24 hours, once: {body['link']}", "  (the address is that of YTEMPIRE_HOST and YTEMPIRE_PORT; put a public one in its place)"]
    return lines
