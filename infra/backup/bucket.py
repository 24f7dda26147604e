"""A bucket as the place of backups: each object is sealed into a file here first, then sent whole; an object store keeps no half of one."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from infra.backup.place import ObjectMissing, PlaceUnreachable
from infra.objects import ObjectMissing as NoObject
from infra.objects import ObjectStore, StoreMisnamed, StoreRefused, StoreSilent, open_objects
from infra.settings import Settings


class BucketPlace:
    """Objects of a bucket under a prefix; `folder` holds the one that is on its way."""

    def __init__(self, objects: ObjectStore, folder: Path) -> None:
        self._objects, self._folder = objects, folder

    @property
    def label(self) -> str:
        """The bucket and the prefix."""
        return str(self._objects.place)

    def put(self, name: str, write: Callable[[BinaryIO], None]) -> None:
        """Let `write` make the object in a file, and send that."""
        with self._on_its_way() as path:
            with path.open("wb") as file:
                write(file)
            with self._answers():
                self._objects.put_file(name, path)

    def open(self, name: str) -> BinaryIO:
        """Fetch the object into a file that is gone once it is closed."""
        with self._on_its_way() as path:
            try:
                with self._answers():
                    self._objects.fetch(name, path)
            except NoObject as error:
                raise ObjectMissing(f"backup object {name}: it is not at {self.label}", object=name) from error
            return path.open("rb")

    def list_(self, prefix: str) -> Iterator[str]:
        """Ask the bucket for the names below a prefix."""
        with self._answers():
            found = self._objects.names(prefix)
        yield from found

    def delete(self, name: str) -> None:
        """Remove an object."""
        with self._answers():
            self._objects.remove(name)

    @contextmanager
    def _on_its_way(self) -> Iterator[Path]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="object-", dir=self._folder) as folder:
            yield Path(folder) / "object"

    @contextmanager
    def _answers(self) -> Iterator[None]:
        try:
            yield
        except (StoreSilent, StoreRefused, StoreMisnamed) as error:
            told = error.message.replace("YTEMPIRE_MEDIA", "YTEMPIRE_BACKUP_TO")
            raise PlaceUnreachable(f"backup place: {told}", place=self.label) from error


def bucket(to: str, settings: Settings) -> BucketPlace:
    """Return the bucket that an address `s3://BUCKET/PREFIX` names, reached with the AWS_ variables; raises Invalid when one of two keys is missing."""
    objects = open_objects(settings.model_copy(update={"media": to}))
    return BucketPlace(objects, Path(tempfile.gettempdir()) if not settings.home.is_dir() else settings.home / "backup")
