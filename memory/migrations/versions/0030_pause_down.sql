create or replace function video_facts(video text, out stands text, out shows_at timestamptz) language sql stable as $$
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
drop index ix_runs_paused;
update runs set status = 'running' where status = 'paused';
-- Their videos stand anew now, or the table could not be altered.
set constraints all immediate;
alter table runs drop constraint ck_runs_status;
alter table runs add constraint ck_runs_status
    check (status in ('running', 'waiting', 'published', 'refused', 'rejected', 'failed'));
