"""The state of the backups in words, for `ytempire doctor`."""

from datetime import datetime, timedelta

from api.backup_desk import open_place, same_volume
from api.capabilities import Capability
from api.stack import Stack
from infra.backup.key import read_key, require_apart
from infra.backup.log_shipping import kept_log
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.errors import StudioError
from infra.settings import Settings
from memory.records.backups import BackupRecord, RestoreDrillRecord
from memory.repositories.backups import BackupRepository

NAME = "backups"
_LATE = timedelta(hours=24)
_LET_GO = "start `ytempire up` once without YTEMPIRE_BACKUP_TO, which lets the log go, or set it again"
_HOW = "set YTEMPIRE_BACKUP_TO to a folder on another disk; `ytempire up` then keeps them, `ytempire backup` makes one now"


def backup_state(stack: Stack) -> Capability:
    """Return where backups go, how old the newest is, and what is wrong with that."""
    database = Database(stack.urls.database, pool_size=1)
    try:
        with database.unit_of_work() as session:
            backups = BackupRepository(session)
            last, drill = backups.find_last(), backups.find_drill()
    finally:
        database.dispose()
    judgement = judged(stack.settings, last, drill)
    left = None if stack.settings.backup_to else kept_log(stack.urls.database)
    if left is None:
        return judgement
    said = f"the server keeps {left.bytes // 1_000_000} MB of its log for backups that are switched off"
    limits = "; ".join(one for one in (judgement.limits, said) if one)
    return judgement.model_copy(update={"status": "limited", "limits": limits, "better": f"{judgement.better}; {_LET_GO}".removeprefix("; ")})


def judged(settings: Settings, last: BackupRecord | None, drill: RestoreDrillRecord | None) -> Capability:
    """Judge the backups of a home by its settings and by what is on record."""
    if not settings.backup_to and last is None:
        return Capability(name=NAME, status="limited", served_by="none", limits="a broken disk takes everything", better=_HOW)
    served = f"{settings.backup_to or (last.place if last else '')}{_age(last)}{_drilled(drill)}"
    wrong = _wrong(settings, last, drill)
    return Capability(
        name=NAME, status="limited" if wrong else "ok", served_by=served, limits="; ".join(one for one, _ in wrong), better="; ".join(_fixes(wrong))
    )


def _wrong(settings: Settings, last: BackupRecord | None, drill: RestoreDrillRecord | None) -> list[tuple[str, str]]:
    """Return what is wrong, each with what mends it."""
    found: list[tuple[str, str]] = []
    try:
        place = open_place(settings.backup_to or (last.place if last else ""), settings)
        if same_volume(place, settings.home):
            found.append(("on the same volume as the home: one broken disk takes both", "set YTEMPIRE_BACKUP_TO to a folder on another disk"))
        require_apart(settings.backup_key_file, settings.home)
        if last is not None:
            read_key(settings.backup_key_file)
    except StudioError as error:
        found.append((error.message, ""))
    if not settings.backup_to:
        found.append(("made by hand only", "set YTEMPIRE_BACKUP_TO"))
    if last is None:
        found.append(("none is complete yet", "`ytempire backup` makes one now"))
    elif SYSTEM_CLOCK.now() - last.started_at > _LATE:
        found.append((f"the newest is {_since(last.started_at)} old, more than a day", "read backups.log in the logs, or run `ytempire backup`"))
    if drill is not None and drill.error:
        found.append((f"the last restore drill failed: {drill.error}", "mend that; the next drill comes within a day"))
    return found


def _fixes(wrong: list[tuple[str, str]]) -> list[str]:
    return list(dict.fromkeys(fix for _, fix in wrong if fix))


def _age(last: BackupRecord | None) -> str:
    return f"; newest {last.kind} backup {_since(last.started_at)} ago" if last is not None else ""


def _drilled(drill: RestoreDrillRecord | None) -> str:
    return f"; drill {drill.status} {_since(drill.started_at)} ago in {drill.seconds:.0f} s" if drill is not None else "; never drilled"


def _since(moment: datetime) -> str:
    minutes = int((SYSTEM_CLOCK.now() - moment).total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
