"""Statements about settings that are changed while the studio runs: limits of money, which every reservation looks up."""

from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Invalid
from memory.records.settings import SettingRecord

# By the name that the environment gives it: the limit of the ledger that it is.
LIMITS: Mapping[str, str] = {
    "YTEMPIRE_LIMIT_CALL_USD": "call",
    "YTEMPIRE_LIMIT_VIDEO_USD": "video",
    "YTEMPIRE_LIMIT_RUN_USD": "run",
    "YTEMPIRE_LIMIT_DAY_USD": "day",
    "YTEMPIRE_LIMIT_TENANT_USD": "tenant",
    "YTEMPIRE_LIMIT_PROVIDER_DAY_USD": "provider",
}
MOST_USD = 100_000.0


class SettingRepository:
    """What was changed, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def list_(self) -> dict[str, SettingRecord]:
        """Return what was changed, by name."""
        return {one.name: one for one in self.session.scalars(select(SettingRecord).order_by(SettingRecord.name).execution_options(populate_existing=True))}

    def limits_microusd(self) -> dict[str, int]:
        """Return the limits that were changed, by their name in the ledger."""
        rows = self.session.execute(select(SettingRecord.name, SettingRecord.value).where(SettingRecord.name.in_(list(LIMITS))))
        return {LIMITS[name]: round(float(value) * 1_000_000) for name, value in rows}

    def set(self, name: str, value: float, by: str) -> None:
        """Change a setting from now on; raises Invalid for one that cannot be changed while the studio runs, and for an amount out of range."""
        if name not in LIMITS:
            raise Invalid(f"{name}: cannot be changed while the studio runs; set it in the environment and start anew. Changeable: {', '.join(LIMITS)}")
        if not 0 <= value <= MOST_USD:
            raise Invalid(f"{name}: {value} is out of range; give 0 to {MOST_USD:.0f} US dollars")
        fresh = {"value": value, "changed_by": by, "changed_at": func.now()}
        self.session.execute(insert(SettingRecord).values(name=name, **fresh).on_conflict_do_update(index_elements=["name"], set_=fresh))

    def unset(self, name: str) -> None:
        """Let the environment's value hold again."""
        self.session.execute(delete(SettingRecord).where(SettingRecord.name == name))
