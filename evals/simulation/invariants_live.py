"""The invariants judged by the database itself: triggers that note a violation with the very statement, or at the commit, that makes it.

They stand in a schema of the simulation's own and touch nothing of the studio's. What a transaction takes back is taken back with what was noted of it.
"""

from collections.abc import Iterator
from string import Template

READ = "delete from watched.broken returning name, what, at"

_FOUNDATION = """
create table if not exists watched.broken (name text, what text, at timestamptz);
create table if not exists watched.limits (scope text primary key, microusd bigint);
create or replace function watched.note(name text, what text) returns void language sql security definer
    as $$ insert into watched.broken values (name, what, now()) $$;
create or replace function watched.tell() returns trigger language plpgsql security definer as $$
begin
    perform watched.note(tg_argv[0], tg_argv[1] || ' ' || (to_jsonb(coalesce(new, old)) ->> tg_argv[2]) || ' ' || tg_argv[3]);
    return null;
end $$;
create or replace function watched.attempts_of(job text) returns void language plpgsql security definer as $$
begin
    perform watched.note('one_input_one_effect', 'job ' || job || ' was completed ' || count(*) || ' times')
        from job_attempts where job_id = job and outcome = 'done' having count(*) > 1;
    perform watched.note('no_superseded_lease', 'job ' || j.id || ' is ' || j.state || ' while its attempt under token ' || a.token || ' runs')
        from jobs j join job_attempts a on a.job_id = j.id and a.outcome = 'running' where j.id = job and j.state in ('queued', 'dispatched', 'done', 'dead');
    perform watched.note('no_superseded_lease', 'job ' || j.id || ': its attempt under token ' || a.token
        || ' is ' || a.outcome || ', its last is ' || j.lease_token)
        from jobs j join job_attempts a on a.job_id = j.id and a.outcome in ('running', 'done')
        where j.id = job and a.token <> j.lease_token and j.state <> 'cancelled';
end $$;
create or replace function watched.job() returns trigger language plpgsql security definer as $$
begin
    perform watched.attempts_of(new.id);
    return null;
end $$;
create or replace function watched.attempt() returns trigger language plpgsql security definer as $$
begin
    perform watched.attempts_of(new.job_id);
    return null;
end $$;
create or replace function watched.answered() returns trigger language plpgsql security definer as $$
begin
    perform watched.note('one_input_one_effect', 'call ' || new.call_key || ' was answered ' || count(*) || ' times') from cost_entries
        where call_key = new.call_key and outcome in ('answered', 'found') and answer is not null having count(*) > 1;
    return null;
end $$;
create or replace function watched.uploaded() returns trigger language plpgsql security definer as $$
begin
    perform watched.note('one_input_one_effect', 'video ' || new.external_id || ' belongs to ' || count(*) || ' publications') from publications
        where external_id = new.external_id having count(*) > 1;
    return null;
end $$;
create or replace function watched.counted() returns trigger language plpgsql security definer as $$
declare most bigint;
begin
    most := case new.scope
        when 'autonomous' then (select budget_microusd from autonomous_runs where id = new.key)
        when 'channel_day' then (select budget_day_microusd from channels where id = split_part(new.key, '/', 1))
        else (select microusd from watched.limits where scope = new.scope) end;
    if new.counted_microusd > most then
        perform watched.note('within_budget_and_quota', new.scope || ' ' || new.key || ' counts ' || new.counted_microusd || ' of ' || most);
    end if;
    return null;
end $$;
"""
_ROW = Template("create trigger watched_$name after $event on $table for each row when ($when) execute function $does;")
_COMMIT = Template(
    "create constraint trigger watched_$name after $event on $table deferrable initially deferred for each row when ($when) execute function $does;"
)
# What is accepted, and how each kind is called.
_ACCEPTED = {
    **{"runs": "run", "slots": "slot", "tasks": "task", "autonomous_runs": "autonomous run"},
    **{"approvals": "approval", "publications": "publication", "jobs": "job"},
}
# When a row has reported something, and what it has reported: from then on that must not change.
_REPORTED = {
    "jobs": ("state = 'done'", ("{}.state", "{}.result::text")),
    "runs": ("finished_at is not null", ("{}.status", "{}.outcome::text", "({}.finished_at is null)")),
    "approvals": ("status <> 'pending'", ("{}.status", "{}.decision::text")),
    "publications": ("external_id is not null", ("{}.manifest_digest", "{}.external_id")),
    "slots": ("finished_at is not null", ("{}.status", "({}.finished_at is null)")),
    "tasks": ("finished_at is not null", ("{}.status", "({}.finished_at is null)")),
}
_LEASED = {"jobs": ("lease_token", "id"), "runs": ("lease_token", "id"), "autonomous_runs": ("lease_token", "id"), "named_leases": ("token", "name")}
_INPUT = ("run_id", "node", "iteration", "ordinal", "input_hash")


def statements() -> Iterator[str]:
    """Yield what makes a database judge its own rows; the schema `watched` must be there."""
    yield _FOUNDATION
    for table, kind in _ACCEPTED.items():
        yield _told("gone", table, "delete", "true", ("accepted_never_lost", kind, "id", "was accepted and is gone"))
    for table, (reported, what) in _REPORTED.items():
        changed = " or ".join(f"{one.format('old')} is distinct from {one.format('new')}" for one in what)
        about = ("results_never_change", _ACCEPTED[table], "id", "reported one thing and now another")
        yield _told("changed", table, "update", f"old.{reported} and ({changed})", about)
    yield _told(
        "rewritten", "run_reports", "update", "old.body::text <> new.body::text", ("results_never_change", "report", "id", "said one thing and now another")
    )
    for table, (token, key) in _LEASED.items():
        kind = _ACCEPTED.get(table, "lease")
        yield _told("token", table, "update", f"new.{token} < old.{token}", ("no_superseded_lease", kind, key, "has a token that went back"))
    other = " or ".join(f"old.{one} is distinct from new.{one}" for one in _INPUT)
    yield _told("input", "jobs", "update", other, ("one_input_one_effect", "job", "id", "changed its input"))
    answered = "new.answer is not null and new.call_key is not null and new.outcome in ('answered', 'found')"
    yield _ROW.substitute(name="answered", event="insert or update", table="cost_entries", when=answered, does="watched.answered()")
    yield _ROW.substitute(name="uploaded", event="insert or update", table="publications", when="new.external_id is not null", does="watched.uploaded()")
    yield _ROW.substitute(name="spent", event="insert", table="cost_accounts", when="true", does="watched.counted()")
    grown = "new.counted_microusd > old.counted_microusd"
    yield _ROW.substitute(name="grown", event="update", table="cost_accounts", when=grown, does="watched.counted()")
    # Across rows a transaction may pass through what must not stand when it ends.
    yield _COMMIT.substitute(
        name="state", event="update", table="jobs", when="old.state <> new.state or old.lease_token <> new.lease_token", does="watched.job()"
    )
    yield _COMMIT.substitute(
        name="outcome", event="insert or update", table="job_attempts", when="new.outcome in ('running', 'done')", does="watched.attempt()"
    )


def _told(name: str, table: str, event: str, when: str, about: tuple[str, ...]) -> str:
    return _ROW.substitute(name=name, event=event, table=table, when=when, does="watched.tell(" + ", ".join(f"'{one}'" for one in about) + ")")
