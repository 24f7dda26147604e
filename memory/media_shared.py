"""A media store that several machines share: a bucket behind a folder of this machine, which is its bounded cache."""

import hashlib
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.clock import SYSTEM_CLOCK
from infra.ids import json_digest, new_id
from infra.log import get_logger
from infra.objects import ObjectMissing, ObjectStore, StoreSilent, open_objects
from infra.settings import Settings
from memory.media import ArtifactCorrupt, ArtifactMissing, MediaStore

# A file that was handed out this recently is never dropped: whoever was given its path may not have opened it yet. No job runs longer.
HELD_S = 3 * 3600.0
ARTIFACT_REMOVED = "artifact.removed"
_CHUNK = 1 << 20
_log = get_logger("media")


class SharedMediaStore(MediaStore):
    """Artifacts as `<2 hex>/<64 hex>` and remembered keys as `keys/<namespace>/<64 hex>` in a bucket.

    The folder `root` holds what this machine wrote or read lately, at most about `limit_bytes`; the least recently used goes first. A file stands in
    it only after the bucket has it, so that what one machine can read, all can.
    """

    def __init__(self, objects: ObjectStore, root: Path, keys: Path, limit_bytes: int) -> None:
        super().__init__(root, keys)
        self.objects = objects
        self._limit_bytes = limit_bytes
        # Nothing is known of the folder yet: it is measured with the first file that comes.
        self._grown = limit_bytes
        self._counting = threading.Lock()

    @property
    def place(self) -> str:
        """Where the artifacts are, for messages."""
        return str(self.objects.place)

    def path(self, digest: str) -> Path:
        """Return the path of the verified file in the cache, after fetching it where it is not there; raises ArtifactMissing and ArtifactCorrupt."""
        target = self._target(digest)
        if target.exists():
            with suppress(ArtifactMissing, ArtifactCorrupt):  # dropped or damaged on this machine: the bucket has it
                return self._used(super().path(digest))
        with self._fetched(digest) as fetched:
            self._settle(fetched, target)
        return target

    def read(self, digest: str) -> bytes:
        """Return an artifact's bytes after verifying them; raises ArtifactMissing and ArtifactCorrupt."""
        if self._target(digest).exists():
            with suppress(ArtifactMissing, ArtifactCorrupt):
                data = super().read(digest)
                self._used(self._target(digest))
                return data
        with self._fetched(digest) as fetched:
            data = fetched.read_bytes()
            self._settle(fetched, self._target(digest))
        return data

    def has(self, digest: str) -> bool:
        """Say whether the bucket holds an artifact of that digest (its bytes are not verified)."""
        return super().has(digest) or self.objects.size(_name(digest)) is not None

    def bring(self, digests: Iterable[str]) -> None:
        """Have these artifacts in the cache, for a process that is given only the folder; raises as `path` does."""
        for digest in dict.fromkeys(digests):
            self.path(digest)

    def probe(self) -> None:
        """Write an object, read it back and remove it; raises what the object store says when that cannot be done."""
        name, data = f"probes/{new_id('probe')}", b"!"
        self.objects.put_bytes(name, data)
        if self.objects.read(name) != data:
            raise StoreSilent(f"{self.place} did not give back what was written there; look at the object store")
        self.objects.remove(name)

    def remember(self, namespace: str, key: object, digest: str) -> None:
        """Remember, for every machine, that the JSON value `key` in `namespace` was made into `digest`."""
        self.objects.put_bytes(_key_name(namespace, key), digest.encode())
        super().remember(namespace, key, digest)

    def remembered(self, namespace: str, key: object) -> str | None:
        """Return the digest that any machine remembered for `key` while its artifact is still there."""
        known = super().remembered(namespace, key)
        if known is not None:
            return known
        try:
            digest = self.objects.read(_key_name(namespace, key)).decode("ascii", errors="replace")
        except ObjectMissing:
            return None
        super().remember(namespace, key, digest)
        return super().remembered(namespace, key)

    def _holds(self, digest: str, size: int) -> bool:
        # The bucket is asked each time: another machine may have removed there what it found damaged.
        return super()._holds(digest, size) and self.objects.size(_name(digest)) == size

    def _keep(self, draft: Path, digest: str) -> None:
        size = draft.stat().st_size
        if self.objects.size(_name(digest)) != size:
            self.objects.put_file(_name(digest), draft)
        self._settle(draft, self._target(digest))

    def _settle(self, draft: Path, target: Path) -> None:
        size = draft.stat().st_size
        target.parent.mkdir(parents=True, exist_ok=True)
        # No fsync: what a power cut takes from the cache is fetched again.
        draft.replace(target)
        with self._counting:
            self._grown += size
            due = self._grown > self._limit_bytes // 16
            self._grown = 0 if due else self._grown
        if due:
            trim_cache(self.root, self._limit_bytes)

    def _used(self, path: Path) -> Path:
        with suppress(FileNotFoundError):
            os.utime(path)
        return path

    @contextmanager
    def _fetched(self, digest: str) -> Iterator[Path]:
        """Yield a temporary file of the artifact's verified bytes; one damaged in the bucket is removed there, so that it can be made again."""
        target = self._target(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = self._draft(target)
        try:
            # Twice, since a damage of the way is not one of the object.
            if not any(self._fetch_once(digest, draft) for _ in range(2)):
                aside = target.with_suffix(".corrupt")
                draft.replace(aside)
                self.objects.remove(_name(digest))
                _log.error(ARTIFACT_REMOVED, digest=digest, place=self.place, path=str(aside))
                message = f"artifact {digest} is corrupt in {self.place}; its bytes were set aside as {aside} and it was removed there; make it again"
                raise ArtifactCorrupt(message, digest=digest)
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _fetch_once(self, digest: str, draft: Path) -> bool:
        try:
            with self._room_for(0):
                self.objects.fetch(_name(digest), draft)
        except ObjectMissing as error:
            raise ArtifactMissing(f"artifact {digest} is not in the media store (YTEMPIRE_MEDIA)", digest=digest) from error
        with draft.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest


def trim_cache(root: Path, limit_bytes: int) -> int:
    """Remove the least recently used artifacts of a cache until at most `limit_bytes` are left, none used within HELD_S; return the bytes freed."""
    found = sorted((stat.st_mtime, stat.st_size, path) for path in root.glob("??/*") if (stat := _stat(path)) is not None and not path.name.startswith("."))
    over, freed = sum(size for _, size, _ in found) - limit_bytes, 0
    held_since = SYSTEM_CLOCK.now().timestamp() - HELD_S
    for used_at, size, path in found:
        if freed >= over or used_at > held_since:
            break
        path.unlink(missing_ok=True)
        freed += size
    return freed


def open_media(settings: Settings) -> MediaStore:
    """Return the media store that YTEMPIRE_MEDIA names: a folder of this machine or of several, or a bucket."""
    if settings.media.startswith("s3://"):
        keys = settings.cache_root / "keys" / "shared"
        return SharedMediaStore(open_objects(settings), settings.media_root, keys, round(settings.media_cache_gb * 1e9))
    # A folder that several machines share holds the keys as well, so that what one has bought or made, no other buys or makes.
    return MediaStore(settings.media_root, settings.media_root / "keys" if settings.media else None)


def place_of(settings: Settings) -> str:
    """Return where media lie, for messages, without asking the store anything."""
    return settings.media.rstrip("/") or str(settings.media_root)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _name(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def _key_name(namespace: str, key: object) -> str:
    return f"keys/{namespace}/{json_digest(key)}"
