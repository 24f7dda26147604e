-- Where events are sent. `kinds` are nouns (approval), kinds (approval.pending) or *; the secrets are sealed.
create table webhook_endpoints (
    id text not null,
    tenant_id text not null,
    url text not null,
    note text default ''::text not null,
    kinds text[] not null,
    secret text not null,
    old_secret text,
    old_secret_until timestamptz,
    paused boolean default false not null,
    failures integer default 0 not null,
    rests_until timestamptz,
    created_by text not null,
    created_at timestamptz default now() not null,
    constraint pk_webhook_endpoints primary key (id),
    constraint fk_webhook_endpoints_tenant_id_tenants foreign key (tenant_id) references tenants (id),
    constraint ck_webhook_endpoints_old check ((old_secret is null) = (old_secret_until is null)),
    constraint ck_webhook_endpoints_failures check (failures >= 0)
);
create index ix_webhook_endpoints_tenant on webhook_endpoints (tenant_id, created_at, id);

create table webhook_deliveries (
    id text not null,
    tenant_id text not null,
    endpoint_id text not null,
    kind text not null,
    body jsonb not null,
    status text default 'waiting'::text not null,
    attempts integer default 0 not null,
    next_at timestamptz default now() not null,
    give_up_at timestamptz not null,
    lease_expires_at timestamptz,
    tries jsonb default '[]'::jsonb not null,
    created_at timestamptz default now() not null,
    ended_at timestamptz,
    constraint pk_webhook_deliveries primary key (id),
    constraint fk_webhook_deliveries_tenant_id_tenants foreign key (tenant_id) references tenants (id),
    constraint fk_webhook_deliveries_endpoint_id_webhook_endpoints foreign key (endpoint_id) references webhook_endpoints (id) on delete cascade,
    constraint ck_webhook_deliveries_status check (status in ('waiting', 'sent', 'failed')),
    constraint ck_webhook_deliveries_ended check ((status = 'waiting') = (ended_at is null)),
    constraint ck_webhook_deliveries_attempts check (attempts >= 0)
);
create index ix_webhook_deliveries_waiting on webhook_deliveries (endpoint_id, next_at) where status = 'waiting';
create index ix_webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, created_at, id);

-- The outbox: written with the event, in the transaction of whatever happened. One event reaches one address as one delivery.
create function post_event() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into webhook_deliveries (id, tenant_id, endpoint_id, kind, body, give_up_at)
    select
        'delivery_' || new.id || '_' || e.id, new.tenant_id, e.id, new.kind,
        jsonb_build_object(
            'kind', new.kind, 'subject', new.subject, 'channel', new.channel_id, 'run', new.run_id, 'alert', new.alert, 'at', new.at, 'data', new.data
        ),
        now() + interval '1 day'
    from webhook_endpoints e
    where e.tenant_id = new.tenant_id and not e.paused and e.kinds && array['*', new.kind, split_part(new.kind, '.', 1)];
    return null;
end
$$;
create trigger events_posted after insert on events for each row execute function post_event();
