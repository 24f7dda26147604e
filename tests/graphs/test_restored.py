"""A home restored from before a publication: it starts stopped, is compared with the channel, and the video stays the only one."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from graphs.restored import BY, Settlement, pause, require_settled
from infra.backup.catalog import Catalog, Entry
from infra.backup.key import BackupKey
from infra.backup.key import new_key as new_backup_key
from infra.backup.making import Facts, Maker
from infra.backup.place import FolderPlace
from infra.backup.programs import programs
from infra.backup.restoring import Wanted, restore
from infra.backup.tree import home_items
from infra.database import Database
from infra.embedded.postgres import EmbeddedPostgres, PostgresUrls
from infra.errors import Conflict, Unavailable
from infra.keyring import new_key
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.media import MediaStore
from memory.migrations import migrate
from memory.repositories.audit import AuditRepository
from memory.repositories.backups import BackupRepository, RestoreUnsettled
from memory.repositories.incidents import IncidentRepository
from memory.repositories.switches import SwitchRepository
from tests.tools.upload_video.conftest import CLIENT, GRAIN, Rig, TestClock
from tests.tools.upload_video.conftest import rig as rig
from tools.base import ToolContext
from tools.find_uploads.schema import FindUploadsArgs, FindUploadsResult
from tools.find_uploads.tool import run as find_uploads
from tools.sandbox import Sandbox
from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_faults import Plays
from tools.vendors.youtube.sandbox_world import World

CHANNEL = "tides"


def settlement(rig: Rig) -> Settlement:
    """Return a settlement that asks the platform on a thread of its own, in place of a worker of the publish queue."""

    async def ask(args: FindUploadsArgs, provenance: Provenance) -> FindUploadsResult:
        assert provenance is Provenance.REHEARSAL
        return await asyncio.to_thread(look, rig, args.expected)

    return Settlement(rig.settings, rig.database, ask)


def look(rig: Rig, expected: tuple[str, ...] = ()) -> FindUploadsResult:
    """Run the tool as a worker of the publish queue does."""
    task = rig.task()
    ctx: ToolContext = replace(rig.context(task), run_id=None, job_id="job-find")
    return find_uploads(FindUploadsArgs(channel=CHANNEL, expected=expected), ctx)


@pytest.fixture
def folder() -> Iterator[Path]:
    found = Path(tempfile.mkdtemp(prefix="ytempire-restored-"))
    found.chmod(0o711)
    yield found
    shutil.rmtree(found, ignore_errors=True)


def opened(home: Path, server: EmbeddedPostgres, stage: tuple[World, Plays, Sandbox, TestClock], token_key: str) -> Rig:
    """Return a studio in a home of its own, at a platform that outlives it."""
    world, plays, sandbox, clock = stage
    urls = server.start()
    migrate(urls.admin)
    settings = Settings(
        _env_file=None,
        home=home,
        database_url=urls.publish,
        youtube_client_id=CLIENT[0],
        youtube_client_secret=CLIENT[1],
        youtube_base_url=sandbox.url,
        youtube_chunk_bytes=GRAIN,
        token_keys=token_key,
    )
    return Rig(Database(urls.publish, pool_size=5), settings, MediaStore(home / "media"), world, plays, sandbox, clock)


def restored_home(place: FolderPlace, key: BackupKey, new: Path) -> None:
    """Restore a home that starts stopped, as `ytempire restore` does."""

    def settle_in(urls: PostgresUrls, entry: Entry) -> None:
        database = Database(urls.admin, pool_size=1)
        pause(database, entry.id, entry.ended)
        database.dispose()

    restore(Catalog(place, key), Wanted(new), settle_in)


def closed(rig: Rig, server: EmbeddedPostgres) -> None:
    """Leave a studio."""
    rig.database.dispose()
    for client in rig.clients.values():
        client.close()
    server.stop()


def test_after_restoring_a_backup_from_before_the_publication_there_is_exactly_one_video(folder: Path) -> None:
    clock = TestClock()
    world, plays = World(clock.now), Plays()
    home, new, key, token_key = folder / "home", folder / "new", new_backup_key(), new_key()
    place = FolderPlace(folder / "place")
    home.mkdir()
    with Sandbox(youtube_app(world, plays)) as sandbox:
        server = EmbeddedPostgres(home, {"fsync": "off"})
        rig = opened(home, server, (world, plays, sandbox, clock), token_key)
        rig.add_channel(CHANNEL)
        task = rig.task()
        maker, facts = Maker(home, place, key), Facts("t", "0011", {}, embedded=True)
        maker.make(maker.plan(full=True, parent_id=None), programs(server.urls().admin), lambda: facts, lambda: home_items(home))
        lost = rig.task()
        for one in (task, lost):
            rig.run(one)
        assert (rig.videos_of(task), rig.videos_of(lost)) == (1, 1)
        closed(rig, server)
        shutil.rmtree(home)
        restored_home(place, key, new)
        server = EmbeddedPostgres(new, {"fsync": "off"})
        rig = opened(new, server, (world, plays, sandbox, clock), token_key)
        try:
            settles(rig, task.key)
            rig.run(task)
            assert rig.videos_of(task) == 1
            assert rig.row(task).state == "verified"
        finally:
            closed(rig, server)


def settles(rig: Rig, ahead: str) -> None:
    """Settle a restored studio: it is stopped before, one run is behind the channel, and one upload belongs to no run any more."""
    with pytest.raises(RestoreUnsettled, match="ytempire resume"):
        require_settled(rig.database)
    with rig.database.unit_of_work() as session:
        assert [(one.scope, one.changed_by) for one in SwitchRepository(session).list_engaged()] == [("all", BY)]
    rig.made = 100
    found = asyncio.run(settlement(rig).settle())
    assert found is not None
    assert found.ahead == [ahead]
    assert len(found.unknown[CHANNEL]) == 1
    assert any("its video is at YouTube already" in line for line in found.lines())
    with rig.database.unit_of_work() as session:
        assert SwitchRepository(session).list_engaged() == ()
        assert "belong to no run" in IncidentRepository(session).list_(status="open").items[0].summary
        assert BackupRepository(session).find_unsettled() is None
        assert AuditRepository(session).verify() >= 2
    assert asyncio.run(settlement(rig).settle()) is None
    require_settled(rig.database)


def test_an_operators_own_stop_is_not_lifted(rig: Rig) -> None:
    pause(rig.database, "b1", rig.clock.now())
    with rig.database.unit_of_work() as session:
        SwitchRepository(session).engage("all", "looking into it", "ada")
    with pytest.raises(Conflict, match="stopped by ada"):
        asyncio.run(settlement(rig).settle())
    with rig.database.unit_of_work() as session:
        assert BackupRepository(session).find_unsettled() is not None


def test_a_channel_that_cannot_be_asked_stays_stopped(rig: Rig) -> None:
    async def silent(args: FindUploadsArgs, provenance: Provenance) -> FindUploadsResult:
        raise Unavailable(f"channel {args.channel}: the {provenance.value} consent has ended")

    pause(rig.database, "b1", rig.clock.now())
    asyncio.run(Settlement(rig.settings, rig.database, silent).settle())
    with rig.database.unit_of_work() as session:
        assert [one.scope for one in SwitchRepository(session).list_engaged()] == [f"channel:{CHANNEL}"]


def test_what_is_on_record_is_not_told_as_unknown(rig: Rig) -> None:
    done = rig.task()
    rig.run(done)
    assert look(rig) == FindUploadsResult(marked=1, ahead=(), unknown=())
