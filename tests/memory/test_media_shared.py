"""The media store of several machines: one bucket behind a cache on each, over a server that misbehaves."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from infra import objects_s3
from infra.errors import Invalid
from infra.objects import StoreMisnamed, StoreRefused, StoreSilent
from infra.settings import Settings
from memory.media import ArtifactCorrupt, ArtifactMissing, MediaStore
from memory.media_shared import ARTIFACT_REMOVED, HELD_S, SharedMediaStore, open_media, trim_cache
from tests.fixtures.object_server import ObjectServer, slow_down
from tools.registry import TOOLS
from tools.sandbox import Fault, Sandbox, cut_connection, delayed, server_error

DATA = b"a wave breaks" * 1000
DIGEST = hashlib.sha256(DATA).hexdigest()
KEY = f"studio/{DIGEST[:2]}/{DIGEST}"


@dataclass
class Shop:
    """A bucket on a loopback server, and a media store on each of as many machines as a test asks for."""

    folder: Path
    server: ObjectServer
    sandbox: Sandbox
    numbers: list[int] = field(default_factory=list)

    def settings(self, **changes: object) -> Settings:
        """Return the settings of one more machine."""
        self.numbers.append(1)
        told = {
            "home": self.folder / f"machine-{len(self.numbers)}",
            "media": "s3://media/studio",
            "aws_endpoint_url": self.sandbox.url,
            "aws_access_key_id": "studio",
            "aws_secret_access_key": SecretStr("a secret of the studio"),
        }
        return Settings(_env_file=None, **{**told, **changes})  # type: ignore[arg-type]

    def machine(self, **changes: object) -> MediaStore:
        """Return the media store of one more machine."""
        return open_media(self.settings(**changes))

    @property
    def objects(self) -> dict[str, bytes]:
        """What the bucket holds."""
        return self.server.buckets["media"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(objects_s3, "_BASE_S", 0.01)
    server = ObjectServer()
    with Sandbox(server) as sandbox:
        yield Shop(tmp_path, server, sandbox)


def _cached(store: MediaStore) -> list[str]:
    return sorted(path.name for path in store.root.rglob("*") if path.is_file())


def test_what_one_machine_stores_another_reads(shop: Shop, tmp_path: Path) -> None:
    here, there = shop.machine(), shop.machine()
    source = tmp_path / "wave.bin"
    source.write_bytes(DATA)
    assert here.put_bytes(DATA) == here.put_file(source) == there.put_bytes(DATA) == DIGEST
    assert list(shop.objects) == [KEY]
    third = shop.machine()
    assert third.has(DIGEST)
    assert _cached(third) == []
    assert third.path(DIGEST).read_bytes() == third.read(DIGEST) == DATA
    assert _cached(third) == [DIGEST]
    assert [one.method for one in shop.sandbox.seen if one.method == "GET"] == ["GET"], "what is in the cache is not fetched again"


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", ""])
def test_a_name_that_is_not_there_is_missing(shop: Shop, name: str) -> None:
    store = shop.machine()
    for read in (store.read, store.path):
        with pytest.raises(ArtifactMissing):
            read(name)


def test_what_one_machine_made_the_others_remember_while_it_is_there(shop: Shop) -> None:
    here, there = shop.machine(), shop.machine()
    assert there.remembered("speech", "tide") is None
    here.remember("speech", "tide", here.put_bytes(DATA))
    assert there.remembered("speech", "tide") == DIGEST
    del shop.objects[KEY]
    assert shop.machine().remembered("speech", "tide") is None


def test_a_film_goes_up_in_parts_and_comes_back_whole(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects_s3, "PART_BYTES", 5 << 20)
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom((12 << 20) + 7))
    digest = shop.machine().put_file(film)
    assert [one.method for one in shop.sandbox.seen if "partNumber" in one.query] == ["PUT"] * 3
    assert shop.machine().path(digest).read_bytes() == film.read_bytes()
    assert shop.server.uploads == {}


@pytest.mark.parametrize(
    "fault",
    [slow_down(), server_error(500), server_error(502), delayed(0.3), cut_connection(), Fault("drop", ""), Fault("lost", ""), Fault("torn", "")],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
@pytest.mark.parametrize("method", ["HEAD", "PUT", "GET"])
def test_a_passing_fault_costs_another_try_and_nothing_else(shop: Shop, fault: Fault, method: str) -> None:
    shop.sandbox.faults.play("/media", fault, fault, method=method)
    assert shop.machine().put_bytes(DATA) == DIGEST
    assert shop.machine().read(DIGEST) == DATA
    assert shop.objects == {KEY: DATA}


def test_a_part_that_is_cut_off_leaves_no_half_film(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects_s3, "PART_BYTES", 5 << 20)
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(11 << 20))
    shop.sandbox.faults.play("/media", slow_down(), Fault("lost", ""), method="PUT", skip=1)
    digest = shop.machine().put_file(film)
    assert [len(data) for data in shop.objects.values()] == [11 << 20]
    assert shop.machine().path(digest).stat().st_size == 11 << 20


def test_a_store_that_stays_down_is_named_and_keeps_nothing(shop: Shop) -> None:
    store = shop.machine()
    shop.sandbox.faults.always("/media", slow_down())
    with pytest.raises(StoreSilent, match=r"s3://media/studio at http.* did not answer .*503"):
        store.put_bytes(DATA)
    assert _cached(store) == []
    assert len(shop.sandbox.seen) == objects_s3.ATTEMPTS
    shop.sandbox.faults.always("/media", None)
    assert store.put_bytes(DATA) == DIGEST


def test_a_server_that_says_nothing_is_given_up_in_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects_s3, "_SILENT_S", 0.2)
    monkeypatch.setattr(objects_s3, "ATTEMPTS", 2)
    store = shop.machine()
    shop.sandbox.faults.always("/media", delayed(1.0))
    with pytest.raises(StoreSilent, match="did not answer"):
        store.read(DIGEST)


def test_a_server_that_is_not_there_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects_s3, "ATTEMPTS", 2)
    with pytest.raises(StoreSilent, match="http://127.0.0.1:9 did not answer"):
        shop.machine(aws_endpoint_url="http://127.0.0.1:9").has(DIGEST)


@pytest.mark.parametrize(
    ("changes", "kind", "named"),
    [
        ({"aws_access_key_id": "nobody"}, StoreRefused, "AccessDenied|InvalidAccessKeyId"),
        ({"aws_secret_access_key": SecretStr("wrong")}, StoreRefused, "SignatureDoesNotMatch|AccessDenied"),
        ({"media": "s3://other"}, StoreMisnamed, "there is no bucket 'other' at http://127.0.0.1"),
    ],
)
def test_wrong_keys_and_names_are_told_apart_at_once(shop: Shop, changes: dict[str, object], kind: type[Exception], named: str) -> None:
    store = shop.machine(**changes)
    for work in (lambda: store.put_bytes(DATA), lambda: store.read(DIGEST)):
        with pytest.raises(kind, match=named):
            work()
    assert len(shop.sandbox.seen) <= 4, "what cannot help is not tried again"


def test_keys_that_may_only_read_are_told_what_they_lack(shop: Shop) -> None:
    shop.server.read_only = True
    with pytest.raises(StoreRefused, match="s3:PutObject"):
        shop.machine().put_bytes(DATA)


def test_a_clock_that_is_wrong_is_named(shop: Shop) -> None:
    shop.server.ahead_s = 1000
    with pytest.raises(StoreRefused, match="clock differs from the object store's by more than 15 minutes"):
        shop.machine().read(DIGEST)


def test_one_key_without_the_other_is_refused(shop: Shop) -> None:
    with pytest.raises(Invalid, match="AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not"):
        shop.machine(aws_secret_access_key=None)


@pytest.mark.parametrize("reader", ["read", "path"])
def test_an_object_with_other_bytes_is_removed_reported_and_can_be_made_again(shop: Shop, reader: str) -> None:
    shop.machine().put_bytes(DATA)
    shop.objects[KEY] = DATA[:-1] + b"!"
    store = shop.machine()
    with capture_logs() as logs, pytest.raises(ArtifactCorrupt, match="corrupt in s3://media/studio.*make it again"):
        getattr(store, reader)(DIGEST)
    assert [entry["event"] for entry in logs] == [ARTIFACT_REMOVED]
    assert shop.objects == {}
    assert _cached(store) == [f"{DIGEST}.corrupt"]
    assert store.read(store.put_bytes(DATA)) == DATA
    assert shop.objects == {KEY: DATA}


@pytest.mark.parametrize("reader", ["read", "path"])
def test_a_damaged_cache_heals_from_the_bucket(shop: Shop, reader: str) -> None:
    store = shop.machine()
    store.put_bytes(DATA)
    (store.root / DIGEST[:2] / DIGEST).write_bytes(b"!")
    found = getattr(store, reader)(DIGEST)
    assert (found if reader == "read" else found.read_bytes()) == DATA


def test_an_object_that_vanished_is_written_again_by_who_makes_it_again(shop: Shop) -> None:
    store = shop.machine()
    store.put_bytes(DATA)
    shop.objects.clear()
    store.put_bytes(DATA)
    assert shop.objects == {KEY: DATA}


def test_the_cache_keeps_what_was_used_last_within_its_limit(tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "objects")
    digests = [store.put_bytes(bytes([number]) * 1000) for number in range(10)]
    paths = [store.path(digest) for digest in digests]
    now = paths[0].stat().st_mtime
    for age, path in enumerate(paths):
        os.utime(path, (now, now - 2 * HELD_S - age))
    os.utime(paths[9], (now, now))
    assert trim_cache(store.root, 3500) == 7000
    assert [path for path in paths if path.exists()] == [*paths[:2], paths[9]]
    assert trim_cache(store.root, 0) == 2000
    assert paths[9].exists(), "what was handed out lately may not have been opened yet"


def test_a_store_trims_its_cache_by_itself_and_reads_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shop.machine(media_cache_gb=20_000 / 1e9)
    assert isinstance(store, SharedMediaStore)
    monkeypatch.setattr("memory.media_shared.HELD_S", -60.0)
    digests = [store.put_bytes(bytes([number]) * 2000) for number in range(40)]
    assert len(_cached(store)) <= 11
    assert [len(store.read(digest)) for digest in digests] == [2000] * 40


def test_no_job_runs_longer_than_a_file_is_held() -> None:
    assert max(spec.timeout_s for spec in TOOLS) < HELD_S


def test_a_shared_folder_keeps_what_the_machines_remember_beside_its_files(tmp_path: Path) -> None:
    stores = [open_media(Settings(_env_file=None, home=tmp_path / name, media=str(tmp_path / "shared"))) for name in ("here", "there")]
    stores[0].remember("speech", "tide", stores[0].put_bytes(DATA))
    assert stores[1].remembered("speech", "tide") == DIGEST
    assert stores[1].read(DIGEST) == DATA


@pytest.mark.parametrize("value", ["relative/folder", "http://bucket", "s3://", "s3://Upper", "s3://a/ b"])
def test_a_place_that_is_neither_folder_nor_bucket_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="media|MEDIA"):
        Settings(_env_file=None, media=value)
