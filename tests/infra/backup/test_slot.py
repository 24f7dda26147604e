"""What the server keeps of its log for backups is known, and let go where nobody receives it any more."""

from types import SimpleNamespace
from typing import cast

import psycopg

from api.backup_state import backup_state
from api.stack import Stack
from infra.backup.log_shipping import drop_slot, kept_log
from infra.backup.programs import SLOT
from infra.embedded.postgres import PostgresUrls
from infra.settings import Settings


def test_a_slot_that_nobody_reads_is_told_and_dropped(database_urls: PostgresUrls, settings: Settings) -> None:
    assert kept_log(database_urls.app) is None
    assert drop_slot(database_urls.admin) is None
    with psycopg.connect(database_urls.admin, autocommit=True) as connection:
        connection.execute("select pg_create_physical_replication_slot(%s, true)", [SLOT])
    try:
        kept = kept_log(database_urls.app)
        assert kept is not None
        assert (kept.active, kept.bytes >= 0) == (False, True)
        told = backup_state(_stack(database_urls, settings))
        assert told.status == "limited"
        assert "MB of its log for backups that are switched off" in told.limits
        assert "start `ytempire up` once without YTEMPIRE_BACKUP_TO" in told.better
    finally:
        assert drop_slot(database_urls.admin) is not None
    assert kept_log(database_urls.app) is None
    assert "switched off" not in backup_state(_stack(database_urls, settings)).limits


def _stack(urls: PostgresUrls, settings: Settings) -> Stack:
    return cast(Stack, SimpleNamespace(settings=settings, urls=SimpleNamespace(database=urls.app)))
