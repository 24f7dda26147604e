"""Alerts of limits: one event when an account passes 50, 80 and 100 percent of a limit, however many processes spend at once."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.log import get_logger
from memory.records.costs import CostAlertRecord
from memory.repositories.incidents import IncidentRepository
from memory.repositories.keyset import Page, decode_cursor, encode_cursor

CHANNEL = "cost_alerts"
PERCENTS = (50, 80, 100)
_log = get_logger("ledger")


@dataclass(frozen=True)
class CostAlert:
    """One alert as an operator sees it; `counted_microusd` is what was spent or reserved when it was raised."""

    scope: str
    key: str
    percent: int
    limit_microusd: int
    counted_microusd: int
    hard: bool
    raised_at: datetime


class CostAlerts:
    """Raises and lists alerts, inside one unit of work: they are told at its commit."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, scope: str, key: str, limit: int, counted: int, *, hard: bool) -> None:
        """Raise what `counted` of `limit` calls for and was not raised before; a limit that was changed counts anew."""
        for percent in PERCENTS:
            if limit > 0 and counted * 100 >= percent * limit:
                self._raise(CostAlertRecord(scope=scope, key=key, percent=percent, limit_microusd=limit, counted_microusd=counted, hard=hard))

    def list_newest(self, limit: int = 50) -> tuple[CostAlert, ...]:
        """Return the newest alerts, newest first."""
        return self.page(None, limit).items

    def page(self, cursor: str | None, limit: int) -> Page[CostAlert]:
        """Return alerts after `cursor`, newest first; raises Invalid for a cursor that no page gave out."""
        # One reservation may raise several of one account: the highest percentage comes first.
        names = (func.lpad(cast(CostAlertRecord.percent, Text), 3, "0"), CostAlertRecord.scope, CostAlertRecord.key, cast(CostAlertRecord.limit_microusd, Text))
        name = func.concat_ws(" ", *names)
        statement = select(CostAlertRecord, name)
        if cursor is not None:
            statement = statement.where(tuple_(CostAlertRecord.raised_at, name) < tuple_(*decode_cursor(cursor)))
        rows = self._session.execute(statement.order_by(CostAlertRecord.raised_at.desc(), name.desc()).limit(limit + 1)).all()
        alerts = tuple(CostAlert(**{one: getattr(row, one) for one in CostAlert.__dataclass_fields__}) for row, _ in rows[:limit])
        return Page(alerts, encode_cursor(alerts[-1].raised_at, rows[limit - 1][1]) if len(rows) > limit else None)

    def _raise(self, alert: CostAlertRecord) -> None:
        values = {name: getattr(alert, name) for name in ("scope", "key", "percent", "limit_microusd", "counted_microusd", "hard")}
        statement = insert(CostAlertRecord).values(**values).on_conflict_do_nothing().returning(CostAlertRecord.percent)
        if self._session.execute(statement).one_or_none() is None:
            return
        self._session.execute(select(func.pg_notify(CHANNEL, json.dumps(values))))
        _log.warning("budget.crossed", **values)
        if alert.percent == PERCENTS[-1]:
            summary = f"{alert.scope} {alert.key} reached its limit of ${alert.limit_microusd / 1_000_000:.2f}"
            consequence = "further calls are refused until it is raised or renewed" if alert.hard else "calls go on; the limit only alerts"
            severity = "critical" if alert.hard else "warning"
            IncidentRepository(self._session).open(f"budget:{alert.scope}:{alert.key}", "budget", severity, f"{summary}; {consequence}")
