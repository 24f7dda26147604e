"""Objects over the S3 protocol (AWS, MinIO, Ceph, R2 and others): the one door to its client, and the one layer that tries again."""

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.credentials.providers import IamAwsProvider, Provider, StaticProvider
from minio.error import MinioException, S3Error, ServerError

from infra.ids import seeded
from infra.log import get_logger
from infra.objects import BucketPlace, ObjectMissing, StoreMisnamed, StoreRefused, StoreSilent

# Objects above this go up in parts of this size, one after the other: a film takes at most this much memory on its way.
PART_BYTES = 16 << 20
ATTEMPTS = 5
_BASE_S, _LONGEST_S = 0.2, 5.0
_CONNECT_S, _SILENT_S = 5.0, 30.0
_CHUNK = 1 << 20
OBJECTS_RETRIED = "objects.retried"
_GONE = frozenset({"NoSuchKey", "NoSuchObject", "ResourceNotFound", "NotFound"})
_KEYS_WRONG = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "InvalidTokenId", "AuthorizationHeaderMalformed"})
_NOT_ALLOWED = frozenset({"AccessDenied", "AllAccessDisabled", "AccountProblem"})
_NOW_NOT = frozenset({"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "OperationAborted", "XAmzContentSHA256Mismatch", "BadDigest"})
_log = get_logger("objects")
T = TypeVar("T")


class S3Objects:
    """The objects of one bucket under one prefix."""

    def __init__(self, place: BucketPlace) -> None:
        self._place = place
        parts = urlsplit(place.endpoint)
        # The client's own retries are off: a fault is judged and tried again here, and nowhere below.
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=_CONNECT_S, read=_SILENT_S),
            retries=urllib3.Retry(0, redirect=0),
            cert_reqs="CERT_REQUIRED",
            maxsize=4,
        )
        keys = _provider(place, pool)
        self._client = Minio(parts.netloc, secure=parts.scheme == "https", region=place.region, http_client=pool, credentials=keys)

    @property
    def place(self) -> BucketPlace:
        """Where the objects are."""
        return self._place

    def size(self, name: str) -> int | None:
        """Return an object's length in bytes, None when there is no such object."""
        try:
            return self._tried(name, lambda: self._client.stat_object(self._place.bucket, self._key(name)).size)
        except ObjectMissing:
            # A bucket that is not there answers a HEAD as an object that is not there does.
            self.require_bucket()
            return None

    def require_bucket(self) -> None:
        """Return when the bucket is there; raises StoreMisnamed."""
        if not self._tried("", lambda: self._client.bucket_exists(self._place.bucket)):
            raise self._misnamed()

    def put_bytes(self, name: str, data: bytes) -> None:
        """Write an object as a whole, in the place of one that has the name."""
        self._tried(name, lambda: self._put(name, io.BytesIO(data), len(data)))

    def put_file(self, name: str, source: Path) -> None:
        """Write a file as an object, large ones in parts; readers see all of it or nothing."""

        def send() -> None:
            with source.open("rb") as file:
                self._put(name, file, source.stat().st_size)

        self._tried(name, send)

    def read(self, name: str) -> bytes:
        """Return a small object; raises ObjectMissing."""
        target = io.BytesIO()

        def take() -> None:
            target.seek(0)
            target.truncate()
            self._get(name, target.write)

        self._tried(name, take)
        return target.getvalue()

    def fetch(self, name: str, target: Path) -> None:
        """Write an object's bytes to a new file; raises ObjectMissing. What is left in the file after an error means nothing."""

        def take() -> None:
            with target.open("wb") as file:
                self._get(name, file.write)

        self._tried(name, take)

    def remove(self, name: str) -> None:
        """Remove an object; one that is not there is no error."""
        self._tried(name, lambda: self._client.remove_object(self._place.bucket, self._key(name)))

    def names(self, prefix: str) -> tuple[str, ...]:
        """Return the names of the objects that begin so, in order, asked for a thousand at a time."""
        cut = len(self._key(""))

        def ask() -> tuple[str, ...]:
            found = self._client.list_objects(self._place.bucket, prefix=self._key(prefix), recursive=True)
            return tuple(sorted(str(one.object_name)[cut:] for one in found))

        return self._tried(prefix, ask)

    def _put(self, name: str, data: "io.BufferedReader | io.BytesIO", length: int) -> None:
        self._client.put_object(self._place.bucket, self._key(name), data, length, part_size=PART_BYTES, num_parallel_uploads=1)

    def _get(self, name: str, write: Callable[[bytes], object]) -> None:
        answer = self._client.get_object(self._place.bucket, self._key(name))
        try:
            # An answer cut short raises: the announced length is compared with what came.
            for chunk in answer.stream(_CHUNK):
                write(chunk)
        finally:
            answer.close()
            answer.release_conn()

    def _key(self, name: str) -> str:
        return f"{self._place.prefix}/{name}" if self._place.prefix else name

    def _tried(self, name: str, work: Callable[[], T]) -> T:
        """Do `work`, again after a passing fault, with full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015); at most ATTEMPTS times."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return work()
            except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
                known = self._judge(name, error)
                if not isinstance(known, StoreSilent) or attempt == ATTEMPTS:
                    raise known from error
                _log.warning(OBJECTS_RETRIED, object=name, attempt=attempt, error=known.message)
                time.sleep(seeded("objects", name, attempt).uniform(0.0, min(_LONGEST_S, _BASE_S * 2.0**attempt)))
        raise AssertionError("the last attempt returns or raises")

    def _judge(self, name: str, error: Exception) -> "ObjectMissing | StoreRefused | StoreMisnamed | StoreSilent":
        if isinstance(error, S3Error):
            return self._judge_answer(name, error)
        if isinstance(error, MinioException) and _status(error) < 500:
            return StoreMisnamed(f"{self._place.endpoint} does not answer as an S3 server does ({str(error)[:200]}); correct AWS_ENDPOINT_URL")
        return StoreSilent(f"the object store {self._place} at {self._place.endpoint} did not answer ({_short(error)}); start it, or correct AWS_ENDPOINT_URL")

    def _judge_answer(self, name: str, error: S3Error) -> "ObjectMissing | StoreRefused | StoreMisnamed | StoreSilent":
        code, place = str(error.code), self._place
        if code in _GONE:
            return ObjectMissing(f"{place} holds no object {name}", name=name)
        if code == "NoSuchBucket":
            return self._misnamed()
        if code == "RequestTimeTooSkewed":
            return StoreRefused("this machine's clock differs from the object store's by more than 15 minutes, the limit of S3; set it (NTP)", place=str(place))
        if code in _KEYS_WRONG:
            return StoreRefused(f"{place} does not accept AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY ({code}); correct them", place=str(place))
        if code in _NOT_ALLOWED:
            wanted = "s3:ListBucket on the bucket and s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload on its objects"
            refused = f"{place} refuses this to AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY ({code})"
            return StoreRefused(f"{refused}; correct them, or allow them {wanted}", place=str(place))
        status = int(getattr(error.response, "status", 0) or 0)
        if code in _NOW_NOT or status >= 500 or status == 429:
            return StoreSilent(f"the object store {place} cannot answer now ({code}); it is asked again", place=str(place))
        return StoreMisnamed(f"{place} answered {code}: {error.message}; correct YTEMPIRE_MEDIA, AWS_REGION or AWS_ENDPOINT_URL", place=str(place))

    def _misnamed(self) -> StoreMisnamed:
        place = self._place
        return StoreMisnamed(f"YTEMPIRE_MEDIA: there is no bucket {place.bucket!r} at {place.endpoint}; create it, or correct the name", bucket=place.bucket)


def _provider(place: BucketPlace, pool: urllib3.PoolManager) -> Provider:
    if place.access_key and place.secret_key:
        return StaticProvider(place.access_key, place.secret_key, place.session_token)
    return IamAwsProvider(http_client=pool)


def _status(error: MinioException) -> int:
    """Return the HTTP status behind an answer that was no S3 document; the client keeps it to itself."""
    return int(error.status_code if isinstance(error, ServerError) else getattr(error, "_code", 0))


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]
