"""Statements about uploads: one row for a file and its name, however often it is sent."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import NotFound
from infra.ids import new_id
from memory.records.uploads import UploadRecord


class UploadMissing(NotFound):
    """There is no upload of that id."""

    code = "upload_missing"


@dataclass(frozen=True)
class NewUpload:
    """A file that came in: whose, the digest of its bytes, its name and type, how many bytes, and who sent it."""

    tenant_id: str
    digest: str
    name: str
    media_type: str
    bytes: int
    created_by: str


class UploadRepository:
    """Uploads, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, new: NewUpload) -> UploadRecord:
        """Add an upload, or return the one of the same bytes and name."""
        statement = insert(UploadRecord).values(id=new_id("upload"), **vars(new)).on_conflict_do_nothing(index_elements=["tenant_id", "digest", "name"])
        self.session.execute(statement)
        return self.session.scalars(select(UploadRecord).filter_by(tenant_id=new.tenant_id, digest=new.digest, name=new.name)).one()

    def get(self, upload_id: str, tenant_id: str) -> UploadRecord:
        """Return a tenant's upload; raises UploadMissing."""
        found = self.session.scalar(select(UploadRecord).filter_by(id=upload_id, tenant_id=tenant_id))
        if found is None:
            raise UploadMissing(f"upload: {upload_id!r} does not exist", upload=upload_id)
        return found
