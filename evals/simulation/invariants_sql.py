"""The invariants that the studio's own rows can answer: each statement returns one line of text for every violation.

What was seen before is kept beside the studio's tables, in a schema of the simulation's, so that a row that changes or goes is noticed.
"""

SHADOW = """
create schema if not exists watched;
create table if not exists watched.accepted (kind text, id text, primary key (kind, id));
create table if not exists watched.reported (kind text, id text, digest text, primary key (kind, id));
create table if not exists watched.inputs (id text primary key, key text, input_hash text);
create table if not exists watched.told (run_id text, seq bigint, primary key (run_id, seq));
create table if not exists watched.tokens (kind text, id text, token bigint, primary key (kind, id));
create or replace view watched.accepted_now as
    select 'run' as kind, id from runs union all select 'slot', id from slots union all select 'task', id from tasks
    union all select 'autonomous run', id from autonomous_runs union all select 'approval', id from approvals
    union all select 'publication', id from publications union all select 'job', id from jobs;
create or replace view watched.reported_now as
    select 'job' as kind, id, md5(result::text) as digest from jobs where state = 'done'
    union all select 'run', id, md5(status || outcome::text) from runs where finished_at is not null
    union all select 'approval', id, md5(status || coalesce(decision::text, '')) from approvals where status <> 'pending'
    union all select 'publication', id, md5(manifest_digest || external_id) from publications where external_id is not null
    union all select 'slot', id, md5(status) from slots where finished_at is not null
    union all select 'task', id, md5(status) from tasks where finished_at is not null
    union all select 'report', id, md5(body::text) from run_reports;
create or replace view watched.inputs_now as
    select id, concat_ws(' ', run_id, node, iteration, ordinal) as key, input_hash from jobs;
create or replace view watched.tokens_now as
    select 'job' as kind, id, lease_token as token from jobs union all select 'run', id, lease_token from runs
    union all select 'autonomous run', id, lease_token from autonomous_runs union all select 'lease', name, token from named_leases;
"""

LOST = (
    "select s.kind || ' ' || s.id || ' was accepted and is gone' from watched.accepted s left join watched.accepted_now n using (kind, id) where n.id is null",
    "insert into watched.accepted select kind, id from watched.accepted_now n on conflict do nothing",
)
CHANGED = (
    "select s.kind || ' ' || s.id || ' reported one thing and now another' from watched.reported s join watched.reported_now n using (kind, id) "
    "where n.digest is distinct from s.digest",
    "select s.kind || ' ' || s.id || ' had an end and has none any more' from watched.reported s left join watched.reported_now n using (kind, id) "
    "where n.id is null and exists (select from watched.accepted_now a where a.kind = s.kind and a.id = s.id)",
    "insert into watched.reported select kind, id, digest from watched.reported_now n on conflict do nothing",
)
ONE_EFFECT = (
    "select 'job ' || n.id || ' changed its input' from watched.inputs s join watched.inputs_now n using (id) "
    "where (n.key, n.input_hash) <> (s.key, s.input_hash)",
    "insert into watched.inputs select id, key, input_hash from watched.inputs_now n on conflict do nothing",
    "select 'key ' || key || ' belongs to several jobs' from watched.inputs group by key having count(*) > 1",
    "select 'job ' || job_id || ' was completed ' || count(*) || ' times' from job_attempts where outcome = 'done' group by job_id having count(*) > 1",
    "select 'call ' || call_key || ' was answered ' || count(*) || ' times' from cost_entries "
    "where outcome in ('answered', 'found') and answer is not null and call_key is not null group by call_key having count(*) > 1",
    "select 'video ' || external_id || ' belongs to ' || count(*) || ' publications' from publications "
    "where external_id is not null group by external_id having count(*) > 1",
)
# Without a look at any clock, since clocks jump: a job that does not run has no running attempt, and only its last attempt may run or complete it.
STALE = (
    "select 'job ' || j.id || ' is ' || j.state || ' while its attempt under token ' || a.token || ' runs' from jobs j "
    "join job_attempts a on a.job_id = j.id and a.outcome = 'running' where j.state in ('queued', 'dispatched', 'done', 'dead')",
    "select 'job ' || j.id || ': its attempt under token ' || a.token || ' is ' || a.outcome || ', its last is ' || j.lease_token from jobs j "
    "join job_attempts a on a.job_id = j.id and a.outcome in ('running', 'done') where a.token <> j.lease_token and j.state <> 'cancelled'",
    "select s.kind || ' ' || s.id || ': its token went back from ' || s.token || ' to ' || n.token "
    "from watched.tokens s join watched.tokens_now n using (kind, id) where n.token < s.token",
    "insert into watched.tokens select kind, id, token from watched.tokens_now n on conflict (kind, id) do update set token = excluded.token",
)
# Limits in micro-dollars by scope of account; an autonomous run's budget is its own.
OVERSPENT = (
    "select scope || ' ' || key || ' counts ' || counted_microusd || ' of ' || (%(limits)s::jsonb ->> scope) from cost_accounts "
    "where counted_microusd > (%(limits)s::jsonb ->> scope)::bigint",
    "select 'autonomous run ' || a.id || ' counts ' || sum(c.counted_microusd) || ' of ' || a.budget_microusd from autonomous_runs a "
    "join runs r on r.autonomous_run_id = a.id join cost_entries c on c.run_id = r.id "
    "group by a.id, a.budget_microusd having sum(c.counted_microusd) > a.budget_microusd",
)
# The administrator's connection is told no virtual time by anybody: what looks at a clock is given it.
OPEN = (
    "select 'autonomous run ' || id || ' is ' || status || ', and was to end at ' || ends_at from autonomous_runs "
    "where status <> 'ended' and ends_at < %(now)s",
    "select 'run ' || id || ' is ' || status || ' and waits for nobody' from runs where finished_at is null and status not in ('waiting', 'paused') "
    "and not exists (select from run_events e where e.run_id = runs.id and e.kind = 'run.stopped')",
    "select 'job ' || id || ' (' || tool || ') is ' || state || coalesce(': ' || (error ->> 'message'), '') from jobs "
    "where state in ('queued', 'dispatched', 'running')",
    "select 'slot ' || id || ' is ' || status || ', due since ' || publish_at from slots where status in ('planned', 'launched') and publish_at < %(now)s",
    "select 'cost entry ' || id || ' is reserved for ever' from cost_entries where status = 'reserved' and lease_expires_at < %(now)s - interval '1 hour'",
)
UNAPPROVED = """
    select 'publication ' || p.id || ' of run ' || p.run_id || ' is public without an accepted approval of its manifest' from publications p
    join runs r on r.id = p.run_id
    where p.external_id = any(%(public)s) and not exists (
        select from approvals a where a.run_id = p.run_id and a.gate = 'video' and a.status = 'accepted' and a.manifest_digest = p.manifest_digest
            and (a.decided_by <> 'policy' or r.request ->> 'autonomy' in ('policy', 'autonomous')))
"""
KNOWN = "select external_id, manifest_digest from publications where external_id is not null"
SLOTS = "select status, publish_at, production_run_id, coalesce(history -> -1 ->> 'note', '') from slots order by publish_at, id"
PUBLISHED = "select run_id, external_id, publisher, state from publications order by id"
RUNS = "select id, status, finished_at is not null, request ->> 'publish_at', created_at from runs order by created_at, id"
# What the studio wrote into its runs' logs since it was last read here.
NEWS = """
    with news as (
        insert into watched.told select run_id, seq from run_events on conflict do nothing returning run_id, seq
    )
    select e.run_id, e.kind, coalesce(e.payload ->> 'reasons', e.payload ->> 'reason', e.payload ->> 'note', e.payload ->> 'slot', '')
    from news join run_events e using (run_id, seq) order by e.created_at, e.run_id, e.seq
"""
