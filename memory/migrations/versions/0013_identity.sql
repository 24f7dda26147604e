-- Who may sign in and how they prove it; which tenant a row belongs to; and the audit trail, whose seals are a table of their own.

-- People.
alter table users drop constraint ck_users_role;
update users set role = 'admin' where role = 'owner';
alter table users
    add constraint ck_users_role check (role in ('viewer', 'operator', 'admin')),
    add column name text default '' not null,
    add column disabled_at timestamptz;

create table user_passwords (
    user_id text not null,
    hash text not null,
    changed_at timestamptz default now() not null,
    constraint pk_user_passwords primary key (user_id),
    constraint fk_user_passwords_user_id_users foreign key(user_id) references users (id) on delete cascade
);

create table sessions (
    id text not null,
    tenant_id text not null,
    user_id text not null,
    salt text not null,
    number integer default 0 not null,
    address text default '' not null,
    agent text default '' not null,
    created_at timestamptz default now() not null,
    rotated_at timestamptz default now() not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_why text,
    constraint pk_sessions primary key (id),
    constraint ck_sessions_ended check ((ended_at is null) = (ended_why is null)),
    constraint fk_sessions_tenant_id_tenants foreign key(tenant_id) references tenants (id),
    constraint fk_sessions_user_id_users foreign key(user_id) references users (id) on delete cascade
);
create index ix_sessions_user on sessions (user_id, created_at, id);

create table api_tokens (
    id text not null,
    tenant_id text not null,
    user_id text not null,
    name text not null,
    prefix text not null,
    digest char(64) not null,
    scopes jsonb not null,
    created_at timestamptz default now() not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    constraint pk_api_tokens primary key (id),
    constraint uq_api_tokens_digest unique (digest),
    constraint fk_api_tokens_tenant_id_tenants foreign key(tenant_id) references tenants (id),
    constraint fk_api_tokens_user_id_users foreign key(user_id) references users (id) on delete cascade
);
create index ix_api_tokens_user on api_tokens (user_id, created_at, id);

create table socket_tickets (
    digest char(64) not null,
    tenant_id text not null,
    user_id text not null,
    session_id text,
    api_token_id text,
    address text default '' not null,
    expires_at timestamptz not null,
    constraint pk_socket_tickets primary key (digest),
    constraint ck_socket_tickets_via check (num_nonnulls(session_id, api_token_id) = 1),
    constraint fk_socket_tickets_user_id_users foreign key(user_id) references users (id) on delete cascade,
    constraint fk_socket_tickets_session_id_sessions foreign key(session_id) references sessions (id) on delete cascade,
    constraint fk_socket_tickets_api_token_id_api_tokens foreign key(api_token_id) references api_tokens (id) on delete cascade
);
create index ix_socket_tickets_expires_at on socket_tickets (expires_at);

-- A link without a user makes the first admin.
create table sign_in_links (
    digest char(64) not null,
    tenant_id text not null,
    user_id text,
    created_by text not null,
    created_at timestamptz default now() not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint pk_sign_in_links primary key (digest),
    constraint fk_sign_in_links_tenant_id_tenants foreign key(tenant_id) references tenants (id),
    constraint fk_sign_in_links_user_id_users foreign key(user_id) references users (id) on delete cascade
);

create table login_throttles (
    key text not null,
    attempts integer not null,
    since timestamptz not null,
    blocked_until timestamptz,
    constraint pk_login_throttles primary key (key)
);
create index ix_login_throttles_since on login_throttles (since);

-- What ended at once must be known at once: whoever holds a copy listens.
create function announce_identity() returns trigger language plpgsql as $$
begin
    perform pg_notify('identity', old.id || ' ' || tg_table_name);
    return null;
end
$$;
create trigger sessions_announced after update on sessions for each row
    when (old.ended_at is distinct from new.ended_at) execute function announce_identity();
create trigger api_tokens_announced after update on api_tokens for each row
    when (old.revoked_at is distinct from new.revoked_at) execute function announce_identity();
create trigger users_announced after update on users for each row
    when (old.role is distinct from new.role or old.disabled_at is distinct from new.disabled_at) execute function announce_identity();
create trigger sessions_deleted after delete on sessions for each row execute function announce_identity();
create trigger api_tokens_deleted after delete on api_tokens for each row execute function announce_identity();
create trigger users_deleted after delete on users for each row execute function announce_identity();

-- Tenants of rows that are read often or in lists: taken from the channel or the run, so that no writer can say otherwise.
create function take_tenant_of_channel() returns trigger language plpgsql as $$
begin
    new.tenant_id := (select c.tenant_id from channels c where c.id = new.channel_id);
    return new;
end
$$;
create function take_tenant_of_run() returns trigger language plpgsql as $$
begin
    new.tenant_id := (select r.tenant_id from runs r where r.id = new.run_id);
    return new;
end
$$;
-- An incident without a channel is one of the studio itself, and belongs to no tenant.
create function take_tenant_of_incident() returns trigger language plpgsql as $$
begin
    new.tenant_id := coalesce((select c.tenant_id from channels c where c.id = new.channel_id), (select r.tenant_id from runs r where r.id = new.run_id));
    return new;
end
$$;
create function refuse_tenant_change() returns trigger language plpgsql as $$
begin
    raise exception '%: a row stays with its tenant', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger channels_stay before update of tenant_id on channels for each row
    when (old.tenant_id is distinct from new.tenant_id) execute function refuse_tenant_change();
create trigger users_stay before update of tenant_id on users for each row
    when (old.tenant_id is distinct from new.tenant_id) execute function refuse_tenant_change();

alter table videos add column tenant_id text;
update videos v set tenant_id = c.tenant_id from channels c where c.id = v.channel_id;
alter table videos alter column tenant_id set not null;
create trigger videos_tenant before insert or update of channel_id, tenant_id on videos for each row execute function take_tenant_of_channel();
create index ix_videos_tenant_created on videos (tenant_id, created_at, id);

alter table runs add column tenant_id text;
update runs r set tenant_id = c.tenant_id from channels c where c.id = r.channel_id;
alter table runs alter column tenant_id set not null;
create trigger runs_tenant before insert or update of channel_id, tenant_id on runs for each row execute function take_tenant_of_channel();
create index ix_runs_tenant_created on runs (tenant_id, created_at, id);

alter table publications add column tenant_id text;
update publications p set tenant_id = c.tenant_id from channels c where c.id = p.channel_id;
alter table publications alter column tenant_id set not null;
create trigger publications_tenant before insert or update of channel_id, tenant_id on publications for each row execute function take_tenant_of_channel();
create index ix_publications_tenant_created on publications (tenant_id, created_at, id);

alter table approvals add column tenant_id text;
update approvals a set tenant_id = r.tenant_id from runs r where r.id = a.run_id;
alter table approvals alter column tenant_id set not null;
create trigger approvals_tenant before insert or update of run_id, tenant_id on approvals for each row execute function take_tenant_of_run();
create index ix_approvals_tenant_created on approvals (tenant_id, created_at, id);
create index ix_approvals_tenant_pending on approvals (tenant_id, created_at, id) where status = 'pending';

alter table incidents add column tenant_id text;
update incidents i set tenant_id = coalesce((select c.tenant_id from channels c where c.id = i.channel_id), (select r.tenant_id from runs r where r.id = i.run_id));
-- Losing its run or channel (`on delete set null`) leaves an incident with its tenant.
create trigger incidents_tenant before insert on incidents for each row execute function take_tenant_of_incident();
create trigger incidents_stay before update of tenant_id on incidents for each row
    when (old.tenant_id is distinct from new.tenant_id) execute function refuse_tenant_change();
create index ix_incidents_tenant_opened on incidents (tenant_id, opened_at, id);

-- The trail: an event is written at once; the sealer chains events afterwards, so that writers never wait for each other.
create table audit_seals (
    seq bigint not null,
    event_id bigint not null,
    previous_hash char(64) not null,
    hash char(64) not null,
    sealed_at timestamptz default now() not null,
    constraint pk_audit_seals primary key (seq),
    constraint uq_audit_seals_event_id unique (event_id),
    constraint uq_audit_seals_hash unique (hash)
);
insert into audit_seals (seq, event_id, previous_hash, hash, sealed_at) select seq, seq, previous_hash, hash, at from audit_events;
create table audit_unsealed (
    event_id bigint not null,
    constraint pk_audit_unsealed primary key (event_id)
);

alter table audit_events drop column previous_hash, drop column hash;
alter table audit_events rename column seq to id;
alter table audit_events alter column id add generated always as identity;
select setval(pg_get_serial_sequence('audit_events', 'id'), greatest(1, (select coalesce(max(id), 0) + 1 from audit_events)), false);
alter table audit_events alter column at set default clock_timestamp();
alter table audit_events add column tenant_id text;
create index ix_audit_events_tenant on audit_events (tenant_id, id);

-- What is done for a tenant is that tenant's event without every writer's saying so.
create function take_tenant_of_request() returns trigger language plpgsql as $$
begin
    new.tenant_id := coalesce(new.tenant_id, nullif(current_setting('ytempire.tenant', true), ''));
    return new;
end
$$;
create trigger audit_events_tenant before insert on audit_events for each row execute function take_tenant_of_request();
-- As its owner: whoever writes an event may not touch the list of what is to be sealed.
create function leave_to_sealer() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into audit_unsealed (event_id) values (new.id);
    return null;
end
$$;
create trigger audit_events_unsealed after insert on audit_events for each row execute function leave_to_sealer();

create or replace function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end
$$;
create trigger audit_seals_append_only before update or delete on audit_seals
    for each row execute function refuse_audit_change();
create trigger audit_seals_no_truncate before truncate on audit_seals
    for each statement execute function refuse_audit_change();
