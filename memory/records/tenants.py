"""Tenants: who owns channels, users and money."""

from sqlalchemy.orm import Mapped

from memory.records.base import Record
from memory.records.columns import Created, Key, Words

LOCAL_TENANT = "tenant_local"


class TenantRecord(Record):
    """One owner of channels; a studio on one machine has just `tenant_local`."""

    __tablename__ = "tenants"

    id: Mapped[Key]
    name: Mapped[Words]
    created_at: Mapped[Created]
