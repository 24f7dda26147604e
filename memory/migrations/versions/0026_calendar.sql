-- Where a video stands follows from its newest run, that run's questions, its publication and the job that takes it back. It is kept with the video,
-- since a list of one status would read them all of the whole tenant. What time alone changes is not kept: `released` is scheduled or published by `shows_at`.
alter table videos add column stands text default 'making' not null;
alter table videos add column shows_at timestamptz;

-- What is no time is none: a request is JSON, and a row that says nonsense must not keep its run from being written.
create function moment_in(written text) returns timestamptz language sql stable as $$
    select case when pg_input_is_valid(written, 'timestamptz') then written::timestamptz end
$$;

-- In the order in which it is looked at: what is outside counts before what its run is at. When it is shown is told by its publication first, then by
-- what people moved it to and by the plan of its autonomous run, which knows of spent quota, then by what was asked for.
create function video_facts(video text, out stands text, out shows_at timestamptz) language sql stable as $$
    select
        case
            when b.state = 'done' and b.result ->> 'privacy' = 'private' then 'pulled_back'
            when b.state in ('queued', 'dispatched', 'running') then 'pulling_back'
            when p.state = 'retracted' then 'pulled_back'
            when p.state in ('released', 'verified') then 'released'
            when p.state = 'needs_human' then 'stuck'
            when r.finished_at is not null then r.status
            when r.stop_reason is not null then 'stopping'
            when q.gate is not null then 'waiting_for_' || q.gate
            when p.state is not null and p.state not in ('intent', 'failed') then 'publishing'
            else 'making'
        end,
        coalesce(p.published_at, moment_in(p.details ->> 'publish_at'), greatest(moment_in(m.at), s.publish_at), moment_in(r.request ->> 'publish_at'))
    from (select 1) one
    left join lateral (select * from runs r where r.video_id = video order by r.created_at desc, r.id desc limit 1) r on true
    left join lateral (select * from publications p where p.key = r.id) p on true
    left join lateral (
        select a.gate from approvals a where a.run_id = r.id and a.status = 'pending' order by a.created_at desc limit 1
    ) q on true
    left join lateral (
        select a.decision -> 'args' ->> 'publish_at' as at from approvals a
        where a.run_id = r.id and a.status = 'edited' and a.decision -> 'args' ->> 'publish_at' is not null order by a.decided_at desc limit 1
    ) m on true
    left join lateral (select s.publish_at from slots s where s.production_run_id = r.id order by s.created_at desc limit 1) s on true
    left join lateral (
        select j.state, j.result from jobs j where j.run_id = r.id and j.node = 'pull_back' order by j.ordinal desc limit 1
    ) b on true
$$;

-- As its owner: whoever writes one of these rows need not be allowed to see the others. The row is locked before it is computed, in a statement of its own
-- that sees what was committed meanwhile: of two writers the later one counts both.
create function stand_video(video text) returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from videos v where v.id = video for no key update;
    update videos v set stands = f.stands, shows_at = f.shows_at from video_facts(video) f
    where v.id = video and (v.stands, v.shows_at) is distinct from (f.stands, f.shows_at);
end
$$;
revoke execute on function stand_video from public;
create function stand_video_of_run() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform stand_video(r.video_id) from runs r where r.id = to_jsonb(new) ->> tg_argv[0] and r.video_id is not null;
    return null;
end
$$;
-- At the end of the transaction, after every row that it changes is locked: so nobody waits for a row of somebody who waits for this video.
create constraint trigger runs_stand_new after insert on runs deferrable initially deferred
    for each row when (new.video_id is not null) execute function stand_video_of_run('id');
create constraint trigger runs_stand after update of status, finished_at, stop_reason, request, video_id on runs deferrable initially deferred
    for each row when (
        new.video_id is not null and (old.status, old.finished_at, old.stop_reason, old.request, old.video_id)
            is distinct from (new.status, new.finished_at, new.stop_reason, new.request, new.video_id)
    ) execute function stand_video_of_run('id');
create constraint trigger publications_stand_new after insert on publications deferrable initially deferred
    for each row execute function stand_video_of_run('run_id');
create constraint trigger publications_stand after update of state, published_at, details on publications deferrable initially deferred
    for each row when ((old.state, old.published_at, old.details) is distinct from (new.state, new.published_at, new.details))
    execute function stand_video_of_run('run_id');
create constraint trigger approvals_stand_new after insert on approvals deferrable initially deferred
    for each row execute function stand_video_of_run('run_id');
create constraint trigger approvals_stand after update of status on approvals deferrable initially deferred
    for each row when (old.status is distinct from new.status) execute function stand_video_of_run('run_id');
create constraint trigger slots_stand after update of publish_at, production_run_id on slots deferrable initially deferred
    for each row when (
        new.production_run_id is not null and (old.publish_at, old.production_run_id) is distinct from (new.publish_at, new.production_run_id)
    ) execute function stand_video_of_run('production_run_id');
create constraint trigger jobs_stand_new after insert on jobs deferrable initially deferred
    for each row when (new.node = 'pull_back') execute function stand_video_of_run('run_id');
create constraint trigger jobs_stand after update of state, result on jobs deferrable initially deferred
    for each row when (new.node = 'pull_back' and old.state is distinct from new.state) execute function stand_video_of_run('run_id');

update videos v set stands = f.stands, shows_at = f.shows_at from videos w, lateral video_facts(w.id) f where w.id = v.id;
create index ix_videos_tenant_stands on videos (tenant_id, stands, created_at, id);
-- What has no time comes last, whichever end is first.
create index ix_videos_tenant_soonest on videos (tenant_id, coalesce(shows_at, 'infinity'), id);
create index ix_videos_tenant_latest on videos (tenant_id, coalesce(shows_at, '-infinity'), id);
create index ix_videos_tenant_title on videos (tenant_id, "left"(lower(coalesce(nullif(title, ''), topic)), 100) collate "C", id);

-- A call of a tool stands as its job does; everything else as the autonomous runs left it.
alter table tasks add column stands text default 'queued' not null;
create function task_standing(task text, kind text, status text) returns text language sql stable security definer set search_path = public, pg_temp as $$
    select case
        when kind = 'agent' and status = 'planned' then 'running'
        when kind <> 'tool' or status = 'cancelled' or j.id is null then status
        else case j.state
            when 'done' then 'done' when 'running' then 'running' when 'cancelled' then 'cancelled'
            when 'dead' then 'failed' when 'quarantined' then 'failed' else 'queued'
        end
    end
    from (select 1) one left join lateral (select j.id, j.state from jobs j where kind = 'tool' and j.run_id = task limit 1) j on true
$$;
create function take_standing_of_task() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    new.stands := task_standing(new.id, new.kind, new.status);
    return new;
end
$$;
create trigger tasks_stand before insert or update on tasks for each row execute function take_standing_of_task();
create function stand_task_of_job() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from tasks t where t.id = new.run_id and t.kind = 'tool' for no key update;
    update tasks t set stands = '' where t.id = new.run_id and t.kind = 'tool' and t.stands <> task_standing(t.id, t.kind, t.status);
    return null;
end
$$;
-- Ids say of what they are: most jobs are those of runs.
create constraint trigger jobs_stand_task_new after insert on jobs deferrable initially deferred
    for each row when (starts_with(new.run_id, 'task_')) execute function stand_task_of_job();
create constraint trigger jobs_stand_task after update of state on jobs deferrable initially deferred
    for each row when (starts_with(new.run_id, 'task_') and old.state is distinct from new.state) execute function stand_task_of_job();
update tasks set stands = '';
create index ix_tasks_tenant_stands on tasks (tenant_id, stands, created_at, id);
