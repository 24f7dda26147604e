"""Tenants: who owns channels, users and money."""

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words

LOCAL_TENANT = "tenant_local"


class TenantRecord(Record):
    """One owner of channels; a studio on one machine has just `tenant_local`. One that is `billed` has what its plan allows, any other has no limit."""

    __tablename__ = "tenants"

    id: Mapped[Key]
    name: Mapped[Words]
    billed: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
