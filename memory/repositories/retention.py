"""Statements that let go of what nobody will ask for again, a bounded number of rows at a time."""

from sqlalchemy import text
from sqlalchemy.orm import Session

BATCH = 5_000
# How the jobs are named that embed the words of a search.
SEARCHES = "search_"
# And those that make a sample of a personality: made again in a moment, since tools remember what they made.
SAMPLES = "sample_"

_OLD_RUNS = "select id from runs where finished_at < now() - make_interval(days => :days)"
# By table: which of its rows may go. What was paid, decided, published, learned or said in the audit trail stays for ever.
_OLD: dict[str, str] = {
    "job_attempts": f"job_id in (select id from jobs where run_id in ({_OLD_RUNS}))",  # noqa: S608 - a constant above  # nosec B608
    "jobs": f"state in ('done', 'dead', 'quarantined', 'cancelled') and (run_id in ({_OLD_RUNS})"
    f" or (run_id like '{SEARCHES}%' and finished_at < now() - interval '1 day')"
    " or ((run_id like 'consent\\_%' or run_id like 'account\\_%' or run_id like 'sample\\_%') and finished_at < now() - make_interval(days => :days)))",
    "run_events": f"run_id in ({_OLD_RUNS})",
    # Calls that cost nothing, of polls and feeds above all: their quota is kept by the quota's own book.
    "cost_entries": "status in ('settled', 'released') and counted_microusd = 0 and answer is null and closed_at < now() - make_interval(days => :days)",
    "message_deliveries": "ended_at < now() - make_interval(days => :days)",
    "messages": "created_at < now() - make_interval(days => :days) and not exists (select 1 from message_deliveries d where d.message_id = messages.id)",
    # A day is longer than any client repeats a request, and an hour than any signature holds.
    "idempotency_keys": "created_at < now() - interval '1 day'",
    "webhook_deliveries": "ended_at < now() - make_interval(days => :days)",
    "webhook_nonces": "seen_at < now() - interval '1 hour'",
    # What was handed in stays for as long as a task may still be made from it.
    "uploads": "created_at < now() - make_interval(days => :days)"
    " and not exists (select from tasks t where t.status <> 'done' and t.payload::text like '%' || uploads.digest || '%')",
    # Stripe sends an event again for three days, and by hand for thirty; one that comes later still is asked about anew, and changes nothing.
    "stripe_events": "taken_at < now() - make_interval(days => greatest(:days, 31))",
    "stripe_checkouts": "opened_at < now() - interval '7 days'",
    # What came of them is in the audit trail; the secrets of one that nobody answered go with it.
    "consent_requests": "expires_at < now() - interval '1 day'",
    # Who signed in when is in the audit trail, which stays.
    "sessions": "coalesce(ended_at, expires_at) < now() - make_interval(days => :days)",
    "sign_in_links": "expires_at < now() - make_interval(days => :days)",
    "socket_tickets": "expires_at < now() - interval '1 hour'",
    "login_throttles": "since < now() - interval '1 hour'",
    # Whoever was away for longer reads everything again.
    "events": "at < now() - interval '7 days'",
    "brakes": "expires_at < now() - interval '1 day'",
    "heartbeats": "at < now() - make_interval(days => :days)",
}
# LangGraph's own tables: a thread lies in all three, and only there.
_CHECKPOINTS = ("checkpoint_writes", "checkpoint_blobs", "checkpoints")
_KNOWN = text("select to_regclass('public.checkpoints') is not null")
_OVER = text(
    """
    select thread_id from checkpoints c group by thread_id
    having exists (select 1 from runs r where r.id = thread_id and r.finished_at is not null)
        or (not exists (select 1 from runs r where r.id = thread_id) and max(cast(checkpoint ->> 'ts' as timestamptz)) < now() - interval '2 days')
    """
)


class RetentionRepository:
    """Deletes rows that are older than they are kept for, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sweep(self, days: int) -> dict[str, int]:
        """Delete what ended more than `days` days ago, at most 5,000 rows of each table; return how many went, by table, where any did."""
        gone = {table: self._delete(table, where, days) for table, where in _OLD.items()}
        return {table: count for table, count in gone.items() if count}

    def prune_threads(self) -> int:
        """Delete the checkpoints of runs that have ended, and of threads of no known run that have stood still for two days; return how many went.

        A runner prunes its thread when it ends; these were left by one that was killed before.
        """
        if not self._session.scalar(_KNOWN):  # no run was ever begun
            return 0
        threads = list(self._session.execute(_OVER).scalars())
        for table in _CHECKPOINTS if threads else ():
            self._session.execute(text(f"delete from {table} where thread_id = any(:threads)"), {"threads": threads})  # noqa: S608 - constants of this module  # nosec B608
        return len(threads)

    def _delete(self, table: str, where: str, days: int) -> int:
        # By physical address, since not every table has a key of one column.
        statement = text(f"delete from {table} where ctid in (select ctid from {table} where {where} limit :batch)")  # noqa: S608 - constants of this module  # nosec B608
        return int(self._session.execute(statement, {"days": days, "batch": BATCH}).rowcount)  # type: ignore[attr-defined]
