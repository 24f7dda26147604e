-- What has no tenant of its own is announced under that of its run.
create function announce_of_run() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    row jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
    tenant text := (select r.tenant_id from runs r where r.id = row ->> 'run_id');
begin
    perform pg_notify('live', coalesce(tenant, 'tenant_local') || ' ' || tg_table_name);
    return null;
end
$$;
create trigger decisions_announced after insert on decisions for each row when (new.agent = 'trend_scout') execute function announce_of_run();
-- A video is told by the job that takes it back; other jobs say nothing of it, and are many.
create trigger jobs_announced_new after insert on jobs for each row when (new.node = 'pull_back') execute function announce_of_run();
create trigger jobs_announced after update of state, result on jobs for each row
    when (new.node = 'pull_back' and old.state is distinct from new.state) execute function announce_of_run();
create trigger checks_announced after insert or delete or update of status, result, due_at on checks for each row execute function announce_of_run();

create function announce_of_approval() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform pg_notify('live', a.tenant_id || ' ' || tg_table_name) from approvals a where a.id = new.approval_id;
    return null;
end
$$;
create trigger approval_voices_announced after insert on approval_voices for each row execute function announce_of_approval();

-- Thousands of values may come with one statement, and are parts of topics.
create function announce_of_topics() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform pg_notify('live', t.tenant_id || ' trend_topics') from (select distinct t.tenant_id from changed c join trend_topics t on t.id = c.topic_id) t;
    return null;
end
$$;
create trigger trend_sightings_announced_new after insert on trend_sightings referencing new table as changed
    for each statement execute function announce_of_topics();
create trigger trend_sightings_announced after update on trend_sightings referencing new table as changed
    for each statement execute function announce_of_topics();
create trigger trend_observations_announced_new after insert on trend_observations referencing new table as changed
    for each statement execute function announce_of_topics();
create trigger trend_observations_announced after update on trend_observations referencing new table as changed
    for each statement execute function announce_of_topics();
