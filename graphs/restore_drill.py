"""The restore drill: the newest backup is restored into a scratch folder, looked over, and thrown away; a backup never restored counts as none."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphs.checkpoint import open_checkpointers
from graphs.production import build_production
from infra.backup.catalog import Catalog, Entry
from infra.backup.restoring import Restored, Wanted, restore
from infra.backup.sealing import Damaged, unseal
from infra.backup.tree import MEDIA, blob_name, read_tree
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import Conflict, StudioError
from infra.ids import new_id, seeded
from infra.settings import Settings
from memory.repositories.backups import DrillOutcome
from memory.repositories.census import CensusRepository

# Contents whose every byte is read in one drill; of all others only that they are there.
SAMPLE = 25
_UNNAMED = ""


class DrillFailed(Conflict):
    """A restored home is not what it was."""

    code = "drill_failed"


@dataclass
class _Findings:
    """What was compared, and what of it is needed after the database is gone again."""

    checks: dict[str, Any] = field(default_factory=dict)
    media: list[str] = field(default_factory=list)


def drill(settings: Settings, catalog: Catalog, series: str | None = None) -> DrillOutcome:
    """Restore the newest backup of a series with all the log after it, check it, and return what was found; the running home is not touched."""
    began, started, findings = SYSTEM_CLOCK.now(), SYSTEM_CLOCK.monotonic(), _Findings()
    scratch, backup_id, error = settings.home / "backup" / "drill", _UNNAMED, ""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o711, parents=True)
    try:
        backup_id = catalog.choose(None, series).id
        wanted = Wanted(scratch / new_id("home"), series=series, files=False)
        restored = restore(catalog, wanted, lambda urls, entry: _look(urls, entry, findings))
        backup_id = restored.entry.id
        _check_media(catalog, restored, findings)
    except (StudioError, OSError) as failure:
        error = str(failure)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return DrillOutcome(backup_id, began, round(SYSTEM_CLOCK.monotonic() - started, 2), findings.checks, error)


def _look(urls: PostgresUrls, entry: Entry, findings: _Findings) -> None:
    database = Database(urls.admin, pool_size=1)
    try:
        with database.unit_of_work() as session:
            census = CensusRepository(session)
            counts, revision, newest = census.counts(), census.schema_revision(), census.newest_run()
            findings.checks |= {"rows": counts, "schema": revision, "audit_events": census.audit_events()}
            findings.media = list(census.digests())
    finally:
        database.dispose()
    fewer = {name: f"{counts.get(name, 0)} of {rows}" for name, rows in entry.counts.items() if counts.get(name, 0) < rows}
    if fewer:
        raise DrillFailed(f"rows are missing: {fewer}")
    if newest is not None:
        findings.checks["newest_run"] = {"id": newest.id, "status": newest.status, "next": list(_resumable(urls.admin, newest.id, ended=newest.outcome))}


def _resumable(url: str, run_id: str, ended: dict[str, Any] | None) -> Sequence[str]:
    """Return the nodes with which the run would go on, without running any; raises DrillFailed when its thread cannot be read."""

    async def look() -> Sequence[str]:
        async with open_checkpointers(url) as checkpointers:
            snapshot = await build_production(checkpointers.for_thread(run_id)).aget_state({"configurable": {"thread_id": run_id}})
            return snapshot.next

    return () if ended is not None else asyncio.run(look())


def _check_media(catalog: Catalog, restored: Restored, findings: _Findings) -> None:
    """Compare the media that rows name with what the place holds: all are there, and those of a sample have their bytes."""
    series = restored.entry.series
    there = set(catalog.place.list_(f"{series}/blobs/"))
    named = {digest: blob_name(catalog.key, series, digest) for digest in findings.media}
    missing = sorted(digest for digest, name in named.items() if name not in there)
    findings.checks["media"] = {"named": len(named), "missing": len(missing)}
    if missing:
        raise DrillFailed(f"{len(missing)} media files that rows name are not in the backup, the first is {missing[0]}")
    chosen = sorted(named)
    seeded("drill", restored.entry.id).shuffle(chosen)
    rows = read_tree(catalog.place, catalog.key, restored.entry.tree.name)
    others = [str(row["sha256"]) for row in rows if not str(row["path"]).startswith(MEDIA)]
    sample = {*chosen[:SAMPLE], *others[:SAMPLE]}
    for digest in sorted(sample):
        with catalog.place.open(blob_name(catalog.key, series, digest)) as source, Path(os.devnull).open("wb") as nowhere:
            if unseal(catalog.key, blob_name(catalog.key, series, digest), source, nowhere).plain_sha256 != digest:
                raise Damaged(f"backup content {digest[:12]}: it holds other bytes")
    findings.checks["contents_read"] = len(sample)
    findings.checks["restore_seconds"] = restored.seconds
