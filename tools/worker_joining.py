"""How a worker that the stack did not start joins a studio: it shows that it fits, or is told what to mend."""

from dataclasses import replace

from infra.database import Database
from infra.settings import Settings
from infra.version import code_version
from memory.joining import JoinRefused, check_terms
from memory.media_shared import open_media, place_of
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.workers import WorkerView
from tools.worker_process import this_worker


def supervised(queue: str, settings: Settings) -> WorkerView:
    """Describe this process as a worker of the stack that started it: of the same machine, code and store."""
    return replace(this_worker(queue), code=code_version(), media_place=place_of(settings))


def joined(queue: str, settings: Settings, database: Database) -> WorkerView:
    """Describe this process as a worker that joins from wherever it runs, once it fits; raises JoinRefused, or what its media store says."""
    store = open_media(settings)
    if queue == "publish":
        _check_publisher(settings, database)
    ahead_s = check_terms(database, store, code_version())
    return replace(this_worker(queue), code=code_version(), media_place=store.place, clock_ahead_s=ahead_s)


def _check_publisher(settings: Settings, database: Database) -> None:
    """Return when this process may read channel owners' consents and can open them, as publishing to YouTube asks."""
    if settings.youtube_client is None:
        return
    with database.unit_of_work() as session:
        reads = PlatformChannelRepository(session).may_read_consents()
    if not reads:
        raise JoinRefused("DATABASE_URL: a publish worker needs the role ytempire_publish, which reads the consents of channel owners; give its URL")
    if settings.token_keys is None:
        raise JoinRefused("YTEMPIRE_TOKEN_KEYS is not set: a publish worker cannot open the consents of channel owners; copy the studio's token.keys there")
