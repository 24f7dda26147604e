"""Statements about users: who may sign in, what they prove it with, and the links that let them."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, Forbidden, NotFound
from infra.ids import new_id
from memory.records.tenants import LOCAL_TENANT
from memory.records.users import SignInLinkRecord, UserPasswordRecord, UserRecord
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(UserRecord.created_at, UserRecord.id)
_FIRST = 0x79744669  # "ytFi": the first admin is made once


class UserMissing(NotFound):
    """There is no such user here."""

    code = "user_missing"


class UserTaken(Conflict):
    """Somebody has that address already."""

    code = "user_taken"


class LastAdmin(Conflict):
    """Without this admin nobody could let anybody in."""

    code = "last_admin"


class LinkInvalid(Forbidden):
    """The link was used, is too old, or was never made."""

    code = "link_invalid"


class UserRepository:
    """People of a tenant, inside one unit of work. An address is kept in small letters."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def is_empty(self) -> bool:
        """Whether nobody may sign in yet."""
        return self.session.scalar(select(UserRecord.id).limit(1)) is None

    def add(self, email: str, role: str, name: str = "", tenant_id: str = LOCAL_TENANT) -> UserRecord:
        """Add a person, who cannot sign in before a password is set; raises UserTaken when the tenant has the address; others may."""
        fresh = {"id": new_id("user"), "tenant_id": tenant_id, "email": email.strip().lower(), "role": role, "name": name.strip()}
        made: UserRecord | None = self.session.scalar(
            insert(UserRecord).values(**fresh).on_conflict_do_nothing(index_elements=["tenant_id", "email"]).returning(UserRecord)
        )
        if made is None:
            raise UserTaken(f"email: {email} has a user already; change its role instead, or give another address")
        return made

    def find(self, user_id: str) -> UserRecord | None:
        """Return the user, if there is one."""
        return self.session.get(UserRecord, user_id, populate_existing=True)

    def get(self, user_id: str, tenant_id: str | None = None, *, lock: bool = False) -> UserRecord:
        """Return the user, of that tenant where one is named; raises UserMissing."""
        asked = select(UserRecord).where(UserRecord.id == user_id).execution_options(populate_existing=True)
        if tenant_id is not None:
            asked = asked.where(UserRecord.tenant_id == tenant_id)
        found = self.session.scalar(asked.with_for_update() if lock else asked)
        if found is None:
            raise UserMissing(f"user: {user_id!r} does not exist", user=user_id)
        return found

    def find_by_email(self, email: str, tenant_id: str = LOCAL_TENANT) -> UserRecord | None:
        """Return the tenant's user of that address, if there is one."""
        return self.session.scalar(select(UserRecord).where(UserRecord.tenant_id == tenant_id, UserRecord.email == email.strip().lower()))

    def get_by_email(self, email: str, tenant_id: str = LOCAL_TENANT) -> UserRecord:
        """Return the tenant's user of that address; raises UserMissing."""
        found = self.find_by_email(email, tenant_id)
        if found is None:
            raise UserMissing(f"user: nobody has the address {email}; `ytempire users list` shows who is there", email=email)
        return found

    def list_(self, tenant_id: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[UserRecord]:
        """Return users, newest first."""
        asked = select(UserRecord) if tenant_id is None else select(UserRecord).where(UserRecord.tenant_id == tenant_id)
        return _KEYSET.page(self.session, asked, cursor, limit)

    def change(self, user_id: str, *, role: str | None = None, name: str | None = None, disabled: bool | None = None) -> UserRecord:
        """Change a user, effective at once; raises LastAdmin for a change after which the tenant had no admin."""
        user = self.get(user_id)
        demotes = user.role == "admin" and user.disabled_at is None and (disabled is True or (role is not None and role != "admin"))
        if demotes and not self._other_admins(user):
            raise LastAdmin(f"role: {user.email} is the only admin; make another one first", user=user_id)
        values: dict[str, object] = {} if role is None else {"role": role}
        if name is not None:
            values["name"] = name.strip()
        if disabled is not None:
            values["disabled_at"] = func.coalesce(UserRecord.disabled_at, func.now()) if disabled else None
        if values:
            self.session.execute(update(UserRecord).where(UserRecord.id == user_id).values(**values))
        return self.get(user_id)

    def _other_admins(self, user: UserRecord) -> int:
        """Count the tenant's other admins, and hold them until this change is done: two who remove each other at once would leave none."""
        admins = select(UserRecord.id).where(UserRecord.tenant_id == user.tenant_id, UserRecord.role == "admin", UserRecord.disabled_at.is_(None))
        return len([one for one in self.session.scalars(admins.order_by(UserRecord.id).with_for_update()) if one != user.id])


class SignInRepository:
    """What people sign in with: hashes of passwords, and links that set one. Only for the studio's own role."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def password_hash(self, user_id: str) -> str | None:
        """Return the hash of a user's password, None while there is none."""
        return self.session.scalar(select(UserPasswordRecord.hash).where(UserPasswordRecord.user_id == user_id))

    def set_password(self, user_id: str, hashed: str) -> None:
        """Keep the hash of a new password."""
        fresh = insert(UserPasswordRecord).values(user_id=user_id, hash=hashed)
        self.session.execute(fresh.on_conflict_do_update(index_elements=["user_id"], set_={"hash": hashed, "changed_at": func.now()}))

    def make_link(self, secret: str, created_by: str, valid: timedelta, user: UserRecord | None = None) -> datetime:
        """Make a link that sets a password, in place of the user's earlier ones; return until when it is good. Without a user it makes the first admin."""
        whose = SignInLinkRecord.user_id.is_(None) if user is None else SignInLinkRecord.user_id == user.id
        self.session.execute(delete(SignInLinkRecord).where(whose))
        about = {"tenant_id": user.tenant_id if user else LOCAL_TENANT, "user_id": user.id if user else None, "created_by": created_by}
        made = insert(SignInLinkRecord).values(digest=digest_of(secret), expires_at=func.now() + valid, **about)
        return self.session.scalars(made.returning(SignInLinkRecord.expires_at)).one()

    def use_link(self, secret: str) -> SignInLinkRecord:
        """Use a link up and return it; raises LinkInvalid."""
        good = (SignInLinkRecord.digest == digest_of(secret), SignInLinkRecord.used_at.is_(None), SignInLinkRecord.expires_at > func.now())
        used: SignInLinkRecord | None = self.session.scalar(update(SignInLinkRecord).where(*good).values(used_at=func.now()).returning(SignInLinkRecord))
        if used is None:
            raise LinkInvalid("link: it was used, is too old, or was never made; an admin makes a new one with `ytempire users link EMAIL`")
        return used

    def hold_first(self) -> None:
        """Wait for whoever else is making the first admin."""
        self.session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _FIRST})


def digest_of(secret: str) -> str:
    """Return what is kept of a secret of 256 random bits, which needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
