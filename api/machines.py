"""What `ytempire doctor` says of the machines of a studio: the media store that they share, and who serves from where."""

from collections import Counter, defaultdict

from api.capabilities import Capability, Status
from infra.database import Database
from infra.errors import StudioError
from infra.settings import Settings
from memory.joining import clock_ahead_s, has_mark
from memory.media import MediaStore
from memory.media_shared import SharedMediaStore, open_media, place_of
from memory.repositories.studio import StudioRepository
from memory.repositories.workers import WorkerRepository, WorkerView
from tools.worker_process import host_identity

# More than this between two machines is no accident of the measuring.
_CLOCKS_AGREE_S = 2.0


def machine_capabilities(settings: Settings, database_url: str) -> tuple[Capability, ...]:
    """Return how media are kept, and which machines serve; each asked just now."""
    database = Database(database_url, pool_size=1)
    try:
        return _media(settings, database), _machines(database)
    finally:
        database.dispose()


def _media(settings: Settings, database: Database) -> Capability:
    kind = "bucket" if settings.media.startswith("s3://") else "shared folder" if settings.media else "folder"
    at = f" at {settings.aws_endpoint_url}" if kind == "bucket" and settings.aws_endpoint_url else ""
    served = f"{kind} {place_of(settings)}{at}"
    try:
        store = open_media(settings)
        store.probe()
        with database.unit_of_work() as session:
            terms = StudioRepository(session).find()
        ours = terms is None or has_mark(store, terms.media_mark)
    except StudioError as error:
        return Capability(name="media", status="missing", served_by=served, limits=f"does not answer: {error.message}", better="")
    if not ours:
        better = "set YTEMPIRE_MEDIA to where the studio's media lie, or copy everything from there"
        return Capability(name="media", status="missing", served_by=served, limits="answers, but does not hold this studio's media", better=better)
    better = "" if settings.media else "set YTEMPIRE_MEDIA to a shared folder or s3://bucket/prefix before other machines join"
    return Capability(name="media", status="ok", served_by=f"{served} (written and read back)", limits=_held(settings, store), better=better)


def _held(settings: Settings, store: MediaStore) -> str:
    if isinstance(store, SharedMediaStore):
        return f"this machine keeps at most {settings.media_cache_gb:g} GB of it in {store.root}"
    return "" if settings.media else "one machine"


def _machines(database: Database) -> Capability:
    with database.unit_of_work() as session:
        workers = WorkerRepository(session).list_living()
    queues: dict[str, Counter[str]] = defaultdict(Counter)
    for worker in workers:
        queues[worker.host][worker.queue] += 1
    told = [f"{_name(host)} ({', '.join(f'{count} {queue}' for queue, count in sorted(served.items()))})" for host, served in sorted(queues.items())]
    off = [*_off(workers), *_own_clock(database)]
    status: Status = "limited" if off else "ok"
    better = "set the clocks (NTP); a machine that is more than 5 minutes off is refused" if off else ""
    return Capability(name="machines", status=status, served_by=", ".join(told) or "no worker", limits="; ".join(off), better=better)


def _off(workers: tuple[WorkerView, ...]) -> list[str]:
    clocks = {worker.host: worker.clock_ahead_s for worker in workers if worker.clock_ahead_s is not None}
    return [f"the clock of {_name(host)} was {ahead:+.1f} s off when it joined" for host, ahead in sorted(clocks.items()) if abs(ahead) > _CLOCKS_AGREE_S]


def _own_clock(database: Database) -> list[str]:
    ahead = clock_ahead_s(database)
    return [f"this machine's clock is {ahead:+.1f} s off the database's"] if abs(ahead) > _CLOCKS_AGREE_S else []


def _name(host: str) -> str:
    return "this machine" if host == host_identity() else host.partition("/")[0]
