-- One row a request that its sender may repeat. `status` null: the first one is not done; its claim ends by itself, since whoever made it may be dead.
create table idempotency_keys (
    tenant_id text not null,
    principal text not null,
    route text not null,
    key text not null,
    request_digest text not null,
    status integer,
    headers jsonb default '{}'::jsonb not null,
    body text,
    claimed_until timestamptz,
    created_at timestamptz default now() not null,
    constraint pk_idempotency_keys primary key (principal, route, key),
    constraint fk_idempotency_keys_tenant_id_tenants foreign key(tenant_id) references tenants (id),
    constraint ck_idempotency_keys_answered check ((status is null) = (claimed_until is not null) and (status is null) = (body is null))
);
create index ix_idempotency_keys_created on idempotency_keys (created_at);
create index ix_idempotency_keys_tenant_id on idempotency_keys (tenant_id);

-- The signed requests of the last minutes, so that none is taken twice.
create table webhook_nonces (
    door text not null,
    nonce text not null,
    seen_at timestamptz default now() not null,
    constraint pk_webhook_nonces primary key (door, nonce)
);
create index ix_webhook_nonces_seen on webhook_nonces (seen_at);

alter table channels add column budget_day_microusd bigint;
alter table channels add constraint ck_channels_budget_day check (budget_day_microusd >= 0);
create index ix_channels_tenant_created on channels (tenant_id, created_at, id);
