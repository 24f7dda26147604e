"""Operators of this studio: who may stop it and let it go on, until people sign in."""

from sqlalchemy.orm import Mapped

from memory.records.base import Record
from memory.records.columns import Created, Key, Words


class OperatorRecord(Record):
    """One operator by name; only the SHA-256 of the token is kept."""

    __tablename__ = "operators"

    id: Mapped[Key]
    token_sha256: Mapped[Words]
    created_at: Mapped[Created]
