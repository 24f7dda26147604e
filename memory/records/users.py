"""Users: people of a tenant who may sign in and decide, and what they prove themselves with."""

from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Empty, Key, Words, one_of

ROLES = ("viewer", "operator", "admin")


class UserRecord(Record):
    """One person of a tenant, by an address in small letters; one who is disabled can do nothing, and stays for the trail's sake.

    Another tenant may have a user of the same address, with a password of their own: nobody is told.
    """

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"), UniqueConstraint("tenant_id", "email"))

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    email: Mapped[Words]
    name: Mapped[Empty]
    role: Mapped[Words]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class UserPasswordRecord(Record):
    """The Argon2 hash of a person's password; out of reach of the role that serves requests of tenants."""

    __tablename__ = "user_passwords"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[Words]
    changed_at: Mapped[Created]


class SignInLinkRecord(Record):
    """A link that sets a password, once; without a user it makes the first admin. Only the SHA-256 of its secret is kept."""

    __tablename__ = "sign_in_links"

    digest: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_by: Mapped[Words]
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginThrottleRecord(Record):
    """How often a sign-in was tried under one key, a digest of an account or an address."""

    __tablename__ = "login_throttles"
    __table_args__ = (Index("ix_login_throttles_since", "since"),)

    key: Mapped[Key]
    attempts: Mapped[int]
    since: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
