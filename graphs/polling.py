"""When a publication is looked at between its scheduled checks: young ones often, old ones rarely, and none at the cost of publishing."""

from datetime import datetime, timedelta

# (up to this age, look this often): 12 looks in the first hour, 20 in the next five, hourly for two days, then every six hours, then daily.
RHYTHM: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(hours=6), timedelta(minutes=15)),
    (timedelta(hours=48), timedelta(hours=1)),
    (timedelta(days=14), timedelta(hours=6)),
    (timedelta(days=90), timedelta(hours=24)),
)
FIRST = timedelta(minutes=5)
OLDEST = RHYTHM[-1][0]
# After trouble, a publication is looked at as if it were young again.
_TROUBLED = timedelta(minutes=15)
REREAD_EVERY = timedelta(hours=24)
# Quota units of a day that stay for publishing: an upload with its picture and captions takes about 600.
RESERVED_UNITS = 4_000


def next_look(now: datetime, published_at: datetime, troubled: bool) -> datetime | None:
    """Return when a publication is looked at next; None once it is too old."""
    age = now - published_at
    pace = next((often for up_to, often in RHYTHM if age < up_to), None)
    if pace is None:
        return None
    return now + (min(pace, _TROUBLED) if troubled else pace)


def is_due_to_reread(now: datetime, last: str | None) -> bool:
    """Whether the sources are read again with this look."""
    return last is None or now - datetime.fromisoformat(last) >= REREAD_EVERY
