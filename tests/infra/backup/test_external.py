"""A server of the user's own: backed up over its address by a role that may replicate, restored into a home with the embedded server."""

import shutil
from pathlib import Path

import psycopg
import pytest

from infra.backup.catalog import Catalog, Entry
from infra.backup.key import new_key
from infra.backup.making import Facts, Maker
from infra.backup.place import FolderPlace
from infra.backup.programs import MayNotReplicate, programs
from infra.backup.restoring import Wanted, restore
from infra.backup.tree import home_items
from infra.embedded.postgres import EmbeddedPostgres, PostgresUrls
from infra.errors import Invalid

PASSWORD = "of-its-own"


@pytest.fixture
def theirs(made_home: Path) -> str:
    """The URL of a database `prod` on a server of somebody else's, whose owner may not replicate yet."""
    return f"postgresql://owner:{PASSWORD}@/prod?host={EmbeddedPostgres(made_home).socket_folder}"


def test_a_server_of_the_users_own_is_backed_up_and_restored_into_an_embedded_home(made_home: Path, theirs: str) -> None:
    server = EmbeddedPostgres(made_home, {"fsync": "off"})
    admin = server.start().admin
    home, key, place = made_home.parent / "own studio", new_key(), FolderPlace(made_home.parent / "place")
    try:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"create role owner login password '{PASSWORD}'")
            connection.execute("create database prod owner owner")
        with pytest.raises(MayNotReplicate, match="alter role owner replication"):
            programs(theirs).server()
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("alter role owner replication")
        with psycopg.connect(theirs) as connection:
            connection.execute("create table kept (value int)")
            connection.execute("insert into kept select generate_series(1, 300)")
        home.mkdir()
        (home / "token.keys").write_text("k")
        maker = Maker(home, place, key)
        facts = Facts("t", "", {}, embedded=False)
        made = maker.make(maker.plan(full=True, parent_id=None), programs(theirs), lambda: facts, lambda: home_items(home))
        assert (made.entry.database, made.entry.embedded) == ("prod", False)
        with psycopg.connect(admin, autocommit=True) as connection:
            spaces = made_home / "services" / "spaces"
            spaces.mkdir()
            shutil.chown(spaces, server.data.stat().st_uid, server.data.stat().st_gid)
            connection.execute(f"create tablespace apart location '{spaces}'")
        with pytest.raises(Invalid, match="1 tablespaces of its own, 0 are supported"):
            programs(theirs).server()
    finally:
        server.stop()
    new = made_home.parent / "new"
    rows: list[int] = []

    def count(urls: PostgresUrls, entry: Entry) -> None:
        with psycopg.connect(urls.app) as connection, psycopg.connect(urls.admin) as owner:
            assert connection.execute("select current_user").fetchone() == ("ytempire_app",)
            rows.append((owner.execute("select count(*) from kept").fetchone() or (0,))[0])

    restore(Catalog(place, key), Wanted(new), count)
    assert rows == [300]
    again = EmbeddedPostgres(new)
    with psycopg.connect(again.start().admin) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (300,)
    again.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://postgres@/ytempire?host={again.socket_folder}")
