-- What happened, by tenant. Writers never wait for each other: a row is numbered after its transaction, by whoever numbers then, so that
-- whoever has seen a number has seen all that are smaller.
create table events (
    id bigint generated always as identity,
    tenant_id text not null,
    seq bigint,
    kind text not null,
    subject text not null,
    channel_id text,
    run_id text,
    alert boolean default false not null,
    data jsonb default '{}'::jsonb not null,
    at timestamptz default clock_timestamp() not null,
    constraint pk_events primary key (id)
);
create unique index uq_events_seq on events (tenant_id, seq) where seq is not null;
create index ix_events_waiting on events (id) where seq is null;
create index ix_events_at on events (at);
create table event_counters (
    tenant_id text not null,
    last bigint not null,
    constraint pk_event_counters primary key (tenant_id)
);

-- As its owner: whoever changes a row may not write events of other rows. What belongs to no tenant is the studio's own first tenant's.
create function note_event(tenant text, kind text, subject text, channel text, run text, alert boolean, data jsonb) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into events (tenant_id, kind, subject, channel_id, run_id, alert, data)
    values (coalesce(tenant, 'tenant_local'), kind, subject, channel, run, alert, data);
    perform pg_notify('live', '- written');
end
$$;
revoke execute on function note_event from public;

-- Arguments: the noun, the column that holds its state or '', the columns that are told with commas between them, and 'alert' where it is one.
create function note_row() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    row jsonb := to_jsonb(new);
    state text := case when tg_op = 'INSERT' then 'created' else coalesce(row ->> nullif(tg_argv[1], ''), 'changed') end;
    channel text := case tg_table_name when 'channels' then row ->> 'id' else row ->> 'channel_id' end;
    run text := case when tg_table_name in ('runs', 'autonomous_runs') then row ->> 'id' else row ->> 'run_id' end;
    told jsonb := (select jsonb_object_agg(name, row -> name) from unnest(string_to_array(tg_argv[2], ',')) name);
begin
    perform note_event(
        row ->> 'tenant_id', tg_argv[0] || '.' || state, coalesce(row ->> 'id', row ->> 'scope'), channel, run,
        tg_argv[3] = 'alert' or coalesce(row ->> 'severity', '') in ('warning', 'critical'), told
    );
    return null;
end
$$;

create trigger channels_created after insert on channels for each row
    execute function note_row('channel', '', 'name,autonomy,paused', '');
create trigger channels_changed after update on channels for each row when (old.* is distinct from new.*)
    execute function note_row('channel', '', 'name,autonomy,paused,paused_reason,held_until,held_reason', '');
create trigger videos_created after insert on videos for each row
    execute function note_row('video', '', 'title,topic,format,seconds,provenance', '');
create trigger videos_changed after update of title, topic on videos for each row when (old.title is distinct from new.title or old.topic is distinct from new.topic)
    execute function note_row('video', '', 'title,topic,format,seconds,provenance', '');
create trigger runs_created after insert on runs for each row
    execute function note_row('run', 'status', 'kind,status,video_id,autonomous_run_id', '');
create trigger runs_changed after update of status on runs for each row when (old.status is distinct from new.status)
    execute function note_row('run', 'status', 'kind,status,video_id,autonomous_run_id,error', '');
create trigger autonomous_runs_created after insert on autonomous_runs for each row
    execute function note_row('autonomous_run', 'status', 'status,starts_at,ends_at', '');
create trigger autonomous_runs_changed after update on autonomous_runs for each row
    when (old.status is distinct from new.status or old.revision is distinct from new.revision)
    execute function note_row('autonomous_run', 'status', 'status,revision,paused_reason,stop_reason,ended_reason', '');
create trigger approvals_created after insert on approvals for each row
    execute function note_row('approval', 'status', 'gate,status,manifest_digest', '');
create trigger approvals_changed after update of status on approvals for each row when (old.status is distinct from new.status)
    execute function note_row('approval', 'status', 'gate,status,manifest_digest,decided_by', '');
create trigger publications_changed after update of state on publications for each row when (old.state is distinct from new.state)
    execute function note_row('publication', 'state', 'publisher,state,external_url', '');
create trigger incidents_created after insert on incidents for each row
    execute function note_row('incident', 'status', 'kind,severity,status,summary', 'alert');
create trigger incidents_changed after update of status, severity on incidents for each row
    when (old.status is distinct from new.status or old.severity is distinct from new.severity)
    execute function note_row('incident', 'status', 'kind,severity,status,summary', 'alert');
create trigger messages_created after insert on messages for each row
    execute function note_row('message', '', 'kind,severity,subject', '');
create trigger tasks_created after insert on tasks for each row
    execute function note_row('task', 'status', 'kind,status,priority,due_at', '');
create trigger tasks_changed after update of status on tasks for each row when (old.status is distinct from new.status)
    execute function note_row('task', 'status', 'kind,status,reason', '');
create trigger kill_switches_created after insert on kill_switches for each row
    execute function note_row('switch', '', 'scope,engaged,reason,changed_by', 'alert');
create trigger kill_switches_changed after update on kill_switches for each row when (old.engaged is distinct from new.engaged)
    execute function note_row('switch', '', 'scope,engaged,reason,changed_by', 'alert');

create function note_run_event() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    tenant text;
    channel text;
begin
    select r.tenant_id, r.channel_id into tenant, channel from runs r where r.id = new.run_id;
    if not found then
        select a.tenant_id into tenant from autonomous_runs a where a.id = new.run_id;
    end if;
    perform note_event(
        tenant, 'run_event.' || new.kind, new.run_id, channel, new.run_id, false,
        jsonb_build_object('seq', new.seq, 'payload', case when pg_column_size(new.payload) <= 8000 then new.payload end)
    );
    return null;
end
$$;
create trigger run_events_noted after insert on run_events for each row execute function note_run_event();

-- Whom a session speaks for is kept as well, under the session's and the user's id.
create or replace function announce_identity() returns trigger language plpgsql as $$
begin
    perform pg_notify('identity', old.id || ' ' || tg_table_name);
    perform pg_notify('live', 'identity ' || old.id);
    return null;
end
$$;

-- Reads that are kept are dropped when a row of theirs changes: `TENANT TABLE`, of many rows of one transaction once.
create function announce_change() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    row jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end) - 'vector';
    tenant text := row ->> 'tenant_id';
begin
    if tenant is null and row ->> 'channel_id' is not null then
        tenant := (select c.tenant_id from channels c where c.id = row ->> 'channel_id');
    end if;
    perform pg_notify('live', coalesce(tenant, 'tenant_local') || ' ' || tg_table_name);
    return null;
end
$$;
create trigger channels_announced after insert or update or delete on channels for each row execute function announce_change();
create trigger videos_announced after insert or update or delete on videos for each row execute function announce_change();
-- Leases are renewed every few seconds and shown nowhere.
create trigger runs_announced after insert or delete or update of
    status, request, error, outcome, stop_reason, video_id, autonomous_run_id, provenance, started_at, finished_at on runs for each row execute function announce_change();
create trigger autonomous_runs_announced after insert or delete or update of
    status, request, revision, budget_microusd, starts_at, ends_at, notes, paused_reason, stop_reason, ended_reason, ended_at on autonomous_runs
    for each row execute function announce_change();
create trigger approvals_announced after insert or update or delete on approvals for each row execute function announce_change();
create trigger publications_announced after insert or update or delete on publications for each row execute function announce_change();
create trigger incidents_announced after insert or update or delete on incidents for each row execute function announce_change();
create trigger tasks_announced after insert or update or delete on tasks for each row execute function announce_change();
create trigger messages_announced after insert or update or delete on messages for each row execute function announce_change();
create trigger outcomes_announced after insert or update or delete on outcomes for each row execute function announce_change();
create trigger readings_announced after insert or update or delete on readings for each row execute function announce_change();
create trigger personality_changes_announced after insert or update or delete on personality_changes for each row execute function announce_change();
create trigger platform_channels_announced after insert or update or delete on platform_channels for each row execute function announce_change();
create trigger trend_topics_announced after insert or update or delete on trend_topics for each row execute function announce_change();
