"""The sealer: chains the audit trail's events shortly after they were written, so that no writer waits for another."""

from infra.database import Database, DatabaseUnavailable
from infra.log import get_logger
from memory.repositories.audit import AuditRepository

EVENTS_SEALED = "audit_trail.sealed"
_log = get_logger("audit")


class AuditSealer:
    """One turn seals what was written since the last; two sealers at once make one chain."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def turn(self) -> int:
        """Seal the events that wait and return how many; none while the database is away: the next turn finds them again."""
        try:
            with self._database.unit_of_work() as session:
                trail = AuditRepository(session)
                # A look without the lock first: most turns find nothing.
                count = trail.seal() if trail.unsealed() else 0
        except DatabaseUnavailable:
            return 0
        if count:
            _log.debug(EVENTS_SEALED, events=count)
        return count
