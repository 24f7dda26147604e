"""A bucket as the place: the same backups over the S3 protocol, through faults that pass and faults that do not."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from pydantic import SecretStr

from api.backup_desk import open_place
from infra import objects_s3
from infra.backup.bucket import BucketPlace
from infra.backup.catalog import Catalog
from infra.backup.making import Maker
from infra.backup.place import ObjectMissing, PlaceUnreachable
from infra.backup.restoring import Wanted, restore
from infra.errors import Invalid
from infra.settings import Settings
from tests.fixtures.object_server import ObjectServer, slow_down
from tests.infra.backup.conftest import House
from tools.sandbox import Sandbox, cut_connection


@pytest.fixture
def server() -> ObjectServer:
    return ObjectServer()


@pytest.fixture
def settings(server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setattr(objects_s3, "_BASE_S", 0.01)
    with Sandbox(server) as sandbox:
        found = Settings(
            _env_file=None,
            home=tmp_path,
            aws_endpoint_url=sandbox.url,
            aws_access_key_id="studio",
            aws_secret_access_key=SecretStr("a secret of the studio"),
        )
        yield found.model_copy(update={"backup_to": "s3://media/backups"})


def place_of(settings: Settings) -> BucketPlace:
    found = open_place(settings.backup_to, settings)
    assert isinstance(found, BucketPlace)
    return found


def put(place: BucketPlace, name: str, data: bytes) -> None:
    def write(file: BinaryIO) -> None:
        file.write(data)

    place.put(name, write)


def test_a_bucket_holds_objects_by_name(settings: Settings, server: ObjectServer) -> None:
    place = place_of(settings)
    assert place.label == "s3://media/backups"
    for number in range(1, 4):
        put(place, f"s/wal/{number}", str(number).encode())
    assert "backups/s/wal/1" in server.buckets["media"]
    assert list(place.list_("s/wal/")) == ["s/wal/1", "s/wal/2", "s/wal/3"]
    assert list(place.list_("t/")) == []
    with place.open("s/wal/2") as file:
        assert file.read() == b"2"
    place.delete("s/wal/2")
    with pytest.raises(ObjectMissing):
        place.open("s/wal/2")
    assert list((settings.home / "backup").iterdir()) == []


def test_more_than_a_thousand_names_are_all_listed(settings: Settings, server: ObjectServer) -> None:
    server.buckets["media"] = {f"backups/s/{number:05d}": b"" for number in range(2300)}
    assert len(list(place_of(settings).list_("s/"))) == 2300


@pytest.mark.parametrize(
    ("change", "why"),
    [({"backup_to": "s3://elsewhere/x"}, "no bucket 'elsewhere'"), ({"aws_secret_access_key": SecretStr("wrong")}, "does not accept AWS_ACCESS_KEY_ID")],
)
def test_a_bucket_that_cannot_be_the_place_says_what_to_correct(settings: Settings, change: dict[str, object], why: str) -> None:
    with pytest.raises(PlaceUnreachable, match=why) as refused:
        put(place_of(settings.model_copy(update=change)), "a", b"a")
    assert "YTEMPIRE_MEDIA" not in refused.value.message


def test_one_key_without_the_other_is_refused(settings: Settings) -> None:
    with pytest.raises(Invalid, match="AWS_SECRET_ACCESS_KEY is not"):
        open_place(settings.backup_to, settings.model_copy(update={"aws_secret_access_key": None}))


def test_a_home_goes_to_a_bucket_and_comes_back(settings: Settings, house: House) -> None:
    place = place_of(settings)
    house.maker = Maker(house.home, place, house.key)
    house.write(25)
    made = house.back_up()
    house.close()
    new = house.home.parent / "new"
    rows: list[str] = []
    result = restore(Catalog(place, house.key), Wanted(new), lambda _, entry: rows.append(entry.id))
    assert (rows, result.files) == ([made.entry.id], made.tree.files)
    assert (new / "library" / "index.html").read_text() == "<p>videos</p>"
    shutil.rmtree(new)


def test_passing_faults_are_waited_out(settings: Settings, server: ObjectServer) -> None:
    with Sandbox(server) as sandbox:
        sandbox.faults.play("/media", slow_down(), cut_connection(), method="PUT")
        place = place_of(settings.model_copy(update={"aws_endpoint_url": sandbox.url}))
        put(place, "a", b"a")
        sandbox.faults.play("/media", cut_connection(), method="GET")
        assert list(place.list_("")) == ["a"]
