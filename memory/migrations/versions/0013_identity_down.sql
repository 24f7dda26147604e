-- Identity is forgotten, and the trail is one table again; an event that is not sealed has no place in it.

do $$
begin
    if exists (select from audit_unsealed) then
        raise exception 'the audit trail has events that are not sealed; run `ytempire audit verify` first';
    end if;
end
$$;
drop trigger audit_events_tenant on audit_events;
drop trigger audit_events_unsealed on audit_events;
drop trigger audit_events_append_only on audit_events;
alter table audit_events alter column id drop identity;
alter table audit_events alter column at drop default;
alter table audit_events rename column id to seq;
alter table audit_events drop column tenant_id;
alter table audit_events add column previous_hash char(64), add column hash char(64);
update audit_events e set seq = -s.seq, previous_hash = s.previous_hash, hash = s.hash from audit_seals s where s.event_id = e.seq;
update audit_events set seq = -seq;
alter table audit_events alter column previous_hash set not null, alter column hash set not null;
alter table audit_events add constraint uq_audit_events_hash unique (hash);
drop table audit_seals;
drop table audit_unsealed;
drop function leave_to_sealer();
drop function take_tenant_of_request();
create or replace function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'audit_events is append-only: % refused', tg_op using errcode = 'restrict_violation';
end
$$;
create trigger audit_events_append_only before update or delete on audit_events
    for each row execute function refuse_audit_change();

drop trigger videos_tenant on videos;
drop trigger runs_tenant on runs;
drop trigger publications_tenant on publications;
drop trigger approvals_tenant on approvals;
drop trigger incidents_tenant on incidents;
drop trigger incidents_stay on incidents;
drop trigger channels_stay on channels;
drop trigger users_stay on users;
alter table videos drop column tenant_id;
alter table runs drop column tenant_id;
alter table publications drop column tenant_id;
alter table approvals drop column tenant_id;
alter table incidents drop column tenant_id;
drop function take_tenant_of_channel();
drop function take_tenant_of_run();
drop function take_tenant_of_incident();
drop function refuse_tenant_change();

drop table socket_tickets;
drop table sign_in_links;
drop table login_throttles;
drop table api_tokens;
drop table sessions;
drop table user_passwords;
drop trigger users_announced on users;
drop trigger users_deleted on users;
drop function announce_identity();
alter table users drop constraint ck_users_role;
update users set role = 'owner' where role = 'admin';
alter table users
    add constraint ck_users_role check (role in ('owner', 'operator', 'viewer')),
    drop column name,
    drop column disabled_at;
