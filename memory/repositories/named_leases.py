"""Statements about named leases: rights that one process at a time holds."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict
from memory.records.named_leases import NamedLeaseRecord


class NamedLeaseLost(Conflict):
    """Another process has taken the right over: this one must stop at once and write nothing."""

    code = "named_lease_lost"


@dataclass(frozen=True)
class NamedLease:
    """A right that is held; `token` fences what is done under it."""

    name: str
    owner: str
    token: int


class NamedLeaseRepository:
    """Rights by name, each on database time."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def acquire(self, name: str, owner: str, ttl_s: float, gone: str | None = None) -> NamedLease | None:
        """Take or extend a right for `ttl_s` seconds; None while another process holds it. `gone` is an owner known to have ended.

        An owner that still holds it keeps its token; every other taker gets a greater one.
        """
        self.session.execute(insert(NamedLeaseRecord).values(name=name).on_conflict_do_nothing(index_elements=["name"]))
        row = self.session.scalars(select(NamedLeaseRecord).filter_by(name=name).with_for_update().execution_options(populate_existing=True)).one()
        now = self.session.scalars(select(func.now())).one()
        live = row.owner is not None and row.expires_at is not None and row.expires_at > now
        if live and row.owner not in {owner, gone}:
            return None
        token = row.token if live and row.owner == owner else row.token + 1
        row.owner, row.token, row.expires_at = owner, token, now + timedelta(seconds=ttl_s)
        self.session.flush()
        return NamedLease(name, owner, token)

    def holder(self, name: str) -> str | None:
        """Return who holds a right now."""
        held = NamedLeaseRecord.expires_at > func.now()
        return self.session.scalar(select(NamedLeaseRecord.owner).where(NamedLeaseRecord.name == name, held))

    def verify(self, lease: NamedLease) -> None:
        """Lock the right while this transaction lasts; raises NamedLeaseLost once another process has taken it."""
        statement = select(NamedLeaseRecord.name).where(NamedLeaseRecord.name == lease.name, NamedLeaseRecord.token == lease.token)
        if self.session.execute(statement.with_for_update()).one_or_none() is None:
            raise NamedLeaseLost(f"{lease.name}: {lease.owner} no longer holds it", name=lease.name, token=lease.token)

    def release(self, lease: NamedLease) -> None:
        """Give a right back; one that is already lost needs no release."""
        statement = update(NamedLeaseRecord).where(NamedLeaseRecord.name == lease.name, NamedLeaseRecord.token == lease.token)
        self.session.execute(statement.values(owner=None, expires_at=None))
