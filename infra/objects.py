"""An object store as a port: whole objects by name in a bucket that several machines share, without loading any client."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from infra.errors import Forbidden, Invalid, NotFound, Unavailable
from infra.settings import Settings


class ObjectMissing(NotFound):
    """The bucket holds no object of that name."""

    code = "object_missing"


class StoreRefused(Forbidden):
    """The object store does not accept the keys, or they may not do what was asked."""

    code = "object_store_refused"


class StoreMisnamed(Invalid):
    """The bucket does not exist, or the address is not that of an object store."""

    code = "object_store_misnamed"


class StoreSilent(Unavailable):
    """The object store did not answer, or could not take the request now."""

    code = "object_store_silent"


@dataclass(frozen=True)
class BucketPlace:
    """A bucket, the folder in it, where its server is and the keys to it. No keys: those of the machine's role, or anonymous."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    access_key: str | None = None
    secret_key: str | None = None
    session_token: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


class ObjectStore(Protocol):
    """Whole objects by name. Every method raises StoreRefused, StoreMisnamed or StoreSilent when the store does not do as asked."""

    @property
    def place(self) -> BucketPlace:
        """Where the objects are."""
        ...

    def size(self, name: str) -> int | None:
        """Return an object's length in bytes, None when there is no such object."""
        ...

    def put_bytes(self, name: str, data: bytes) -> None:
        """Write an object as a whole, in the place of one that has the name."""
        ...

    def put_file(self, name: str, source: Path) -> None:
        """Write a file as an object, large ones in parts; readers see all of it or nothing."""
        ...

    def read(self, name: str) -> bytes:
        """Return a small object; raises ObjectMissing."""
        ...

    def fetch(self, name: str, target: Path) -> None:
        """Write an object's bytes to a new file; raises ObjectMissing. What is left in the file after an error means nothing."""
        ...

    def remove(self, name: str) -> None:
        """Remove an object; one that is not there is no error."""
        ...

    def names(self, prefix: str) -> tuple[str, ...]:
        """Return the names of the objects that begin so, in order."""
        ...


def bucket_place(settings: Settings) -> BucketPlace:
    """Return the bucket that YTEMPIRE_MEDIA names; raises Invalid when it names a folder or one of the two keys lacks the other."""
    if not settings.media.startswith("s3://"):
        raise Invalid(f"YTEMPIRE_MEDIA={settings.media!r} names no bucket; give s3://bucket/prefix")
    key, secret = settings.aws_access_key_id, settings.aws_secret_access_key
    if (key is None) != (secret is None):
        given, lacking = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if secret is None else ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")
        raise Invalid(f"{given} is set and {lacking} is not; set both, or neither where the machine's role opens the bucket")
    bucket, _, prefix = settings.media.removeprefix("s3://").partition("/")
    endpoint = (settings.aws_endpoint_url or f"https://s3.{settings.aws_region}.amazonaws.com").rstrip("/")
    token = settings.aws_session_token
    return BucketPlace(
        bucket=bucket,
        prefix=prefix.strip("/"),
        endpoint=endpoint,
        region=settings.aws_region,
        access_key=key,
        secret_key=secret.get_secret_value() if secret else None,
        session_token=token.get_secret_value() if token else None,
    )


def open_objects(settings: Settings) -> ObjectStore:
    """Return the object store that YTEMPIRE_MEDIA names, without asking it anything; its client is loaded only now."""
    found: ObjectStore = import_module("infra.objects_s3").S3Objects(bucket_place(settings))
    return found
