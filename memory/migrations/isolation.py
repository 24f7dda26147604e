"""Which rows of each table a tenant's request may touch, and the policies of row-level security that hold it to that.

The role `ytempire_api` sees, of every table named here, only what its rule says of the tenant that the transaction was begun for; of a table that is
not named it sees nothing. `ytempire_app`, which the studio itself works as, sees all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from infra.ids import content_digest

APP_ROLE, API_ROLE = "ytempire_app", "ytempire_api"
_STUDIO = "studio"
_PREFIX = "tenant_"
# Set for one transaction by `Database.unit_of_work(tenant=...)`; empty or missing, it is nobody's.
_TENANT = "current_setting('ytempire.tenant', true)"
READ, ADD, FORGET, WRITE = "select", "select, insert", "select, delete", "select, insert, update, delete"

_OWN = f"tenant_id = {_TENANT}"
# What belongs to no tenant is the studio's own: its first tenant runs the studio, and sees it.
_LOCAL = f"{_TENANT} = 'tenant_local'"
_OWN_OR_LOCAL = f"({_OWN} or (tenant_id is null and {_LOCAL}))"
# Few channels to a tenant: read once for the statement and hashed. The parents' own policies hold inside.
_CHANNEL = "channel_id in (select c.id from channels c)"
_NO_OTHER_CHANNEL = f"(channel_id is null or {_CHANNEL})"
_RUN = "exists (select from runs r where r.id = run_id)"
# A task that calls one tool is its job's run.
_OWN_JOB = f"({_RUN} or exists (select from tasks t where t.id = run_id))"  # nosec B608 # constants of this module
_ANY_RUN = f"({_RUN} or exists (select from autonomous_runs a where a.id = run_id))"  # nosec B608 # constants of this module


def _of(parent: str, column: str) -> str:
    return f"exists (select from {parent} p where p.id = {column})"  # nosec B608 # names in this module's rules


@dataclass(frozen=True)
class Rule:
    """`rows`: SQL for the rows that are the tenant's, none for a table that is closed to it; `may`: what it may do; `new`: what else a written row must be."""

    rows: str | None
    may: str = READ
    new: str | None = None
    why: str = ""

    @property
    def policy(self) -> str:
        """The policy's name, which changes with what it says."""
        return _PREFIX + content_digest(f"{self.rows}\n{self.new}\n{self.may}".encode())[:12]


def _closed(why: str) -> Rule:
    return Rule(None, "", why=why)


RULES: dict[str, Rule] = {
    "alembic_version": _closed("the schema's revision concerns no tenant"),
    "api_tokens": Rule(_OWN, WRITE, _of("users", "user_id")),
    "approval_voices": Rule(_of("approvals", "approval_id"), ADD),
    "approvals": Rule(_OWN, WRITE),
    "artifacts": Rule(_RUN, WRITE),
    "audit_events": Rule(_OWN_OR_LOCAL, ADD),
    "audit_seals": Rule(_LOCAL),
    "audit_unsealed": _closed("the sealer's own list"),
    "autonomous_runs": Rule(_OWN, WRITE),
    "backups": Rule(_LOCAL),
    "brakes": Rule(_LOCAL),
    "channel_tokens": _closed("only workers that publish read the consents of channel owners"),
    "channels": Rule(_OWN, WRITE),
    "checks": Rule(_CHANNEL, WRITE, _RUN),
    "consent_requests": Rule(_OWN),
    "consent_secrets": _closed("only workers that publish read what owners answered"),
    "cost_accounts": Rule(_LOCAL),
    "cost_alerts": Rule(_LOCAL),
    "cost_entries": Rule(_OWN),
    "decisions": Rule(_RUN),
    "embeddings": Rule(_CHANNEL, WRITE),
    "event_counters": Rule(_OWN),
    "events": Rule(_OWN),
    "findings": Rule(_LOCAL),
    "fingerprints": Rule(_CHANNEL),
    "heartbeats": Rule(_LOCAL),
    "idempotency_keys": Rule(_OWN, WRITE),
    "incident_actions": Rule(_of("incidents", "incident_id"), WRITE),
    "incidents": Rule(_OWN_OR_LOCAL, WRITE, f"{_NO_OTHER_CHANNEL} and (run_id is null or {_RUN})"),
    "job_attempts": Rule(_of("jobs", "job_id")),
    "jobs": Rule(_OWN_JOB, WRITE, _NO_OTHER_CHANNEL),
    "kill_switches": Rule(f"({_LOCAL} or scope = 'tenant:' || {_TENANT})", WRITE),
    "lessons": Rule(_CHANNEL, WRITE),
    "login_throttles": _closed("counted before it is known who signs in"),
    "message_deliveries": Rule(f"({_LOCAL} and {_of('messages', 'message_id')})", WRITE),
    "messages": Rule(_OWN, WRITE),
    "named_leases": _closed("duties of the studio's processes"),
    "notices": Rule(f"({_CHANNEL} or (channel_id is null and {_LOCAL}))", WRITE),
    "operators": _closed("tokens of whoever may stop the studio"),
    "outcomes": Rule(_CHANNEL),
    "personality_changes": Rule(_CHANNEL, WRITE),
    "platform_channels": Rule(_CHANNEL, WRITE),
    "polls": Rule(_CHANNEL, WRITE),
    "provider_circuits": Rule(_LOCAL, WRITE),
    "publications": Rule(_OWN, WRITE, _RUN),
    "quota_blocks": Rule(_LOCAL),
    "quota_plans": Rule(_LOCAL),
    "quota_spends": Rule(_LOCAL),
    "reading_traces": Rule(_CHANNEL, WRITE),
    "readings": Rule(_CHANNEL, WRITE),
    # Addresses may hold secrets: whoever starts a run may name some, and only the studio reads them. Their labels stand in the run's request.
    "report_addresses": Rule(_of("autonomous_runs", "autonomous_run_id"), "insert"),
    "restore_drills": Rule(_LOCAL),
    "restores": Rule(_LOCAL),
    "run_events": Rule(_ANY_RUN, ADD),
    "run_reports": Rule(_of("autonomous_runs", "autonomous_run_id")),
    "runs": Rule(_OWN, WRITE),
    "sameness_checks": Rule(_CHANNEL),
    "sessions": Rule(_OWN, WRITE, _of("users", "user_id")),
    "settings": Rule(_LOCAL, WRITE),
    "sign_in_links": Rule(_OWN, WRITE, f"(user_id is null or {_of('users', 'user_id')})"),
    "slots": Rule(_CHANNEL, WRITE, _of("autonomous_runs", "autonomous_run_id")),
    "snapshots": Rule(_RUN),
    "socket_tickets": Rule(_OWN, WRITE, _of("users", "user_id")),
    "source_states": Rule(_LOCAL),
    "stripe_checkouts": _closed("the studio's own list of pages to end"),
    "stripe_customers": Rule(_OWN),
    "stripe_events": _closed("Stripe tells the studio, not a tenant"),
    "studio": Rule(_LOCAL),
    "subscriptions": Rule(_OWN),
    "tasks": Rule(_OWN, WRITE, _NO_OTHER_CHANNEL),
    "tenants": Rule(f"id = {_TENANT}", "select, update"),
    "trend_observations": Rule(_of("trend_topics", "topic_id")),
    "trend_sightings": Rule(_of("trend_topics", "topic_id"), FORGET),
    "trend_topics": Rule(_OWN, FORGET),
    "uploads": Rule(_OWN, ADD),
    "user_passwords": _closed("hashes are compared before it is known who signs in"),
    "users": Rule(_OWN, WRITE),
    "videos": Rule(_OWN, WRITE),
    "webhook_deliveries": Rule(_OWN, WRITE, _of("webhook_endpoints", "endpoint_id")),
    "webhook_endpoints": Rule(_OWN, WRITE),
    "webhook_nonces": _closed("signed requests come from programs that are nobody's users"),
    "workers": Rule(_LOCAL),
}


def lift(connection: Connection) -> None:
    """Drop every policy of tenants, so that the columns they name may change; `impose` makes them again."""
    for table, policies in _policies(connection).items():
        for policy in policies:
            if policy.startswith(_PREFIX):
                connection.exec_driver_sql(f'drop policy "{policy}" on "{table}"')


def impose(connection: Connection, *, complete: bool) -> None:
    """Hold the role of tenants' requests to the rules; changes nothing where they hold already.

    Without `complete`, in a schema that is not the newest, it sees no row at all. Both roles must exist: a server that has only one is not changed.
    """
    there, has = _tables(connection), _policies(connection)
    for table in sorted(there):
        rule = RULES.get(table)
        policies = has.get(table, set())
        if rule is None:
            continue
        if _STUDIO not in policies:
            connection.exec_driver_sql(f'alter table "{table}" enable row level security')
            connection.exec_driver_sql(f'create policy {_STUDIO} on "{table}" to {APP_ROLE} using (true) with check (true)')
        for statement in _statements(table, rule, policies, complete=complete):
            connection.exec_driver_sql(statement.replace("%", "%%"))
    connection.exec_driver_sql(f"grant usage on schema public to {API_ROLE}")


def _statements(table: str, rule: Rule, policies: set[str], *, complete: bool) -> Iterator[str]:
    wanted = {rule.policy} if rule.rows and complete else set()
    stale = {one for one in policies if one.startswith(_PREFIX)} - wanted
    if not stale and wanted <= policies and wanted:
        return
    yield from (f'drop policy "{one}" on "{table}"' for one in sorted(stale))
    yield f'revoke all on "{table}" from {API_ROLE}'
    if wanted:
        check = f"{rule.rows} and {rule.new}" if rule.new else f"{rule.rows}"
        yield f'create policy "{rule.policy}" on "{table}" to {API_ROLE} using ({rule.rows}) with check ({check})'
        yield f'grant {rule.may} on "{table}" to {API_ROLE}'


def _tables(connection: Connection) -> set[str]:
    return set(connection.scalars(text("select tablename from pg_tables where schemaname = 'public'")))


def _policies(connection: Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, policy in connection.execute(text("select tablename, policyname from pg_policies where schemaname = 'public'")):
        found.setdefault(table, set()).add(policy)
    return found
