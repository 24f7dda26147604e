-- The gateway: what a call in flight is, circuits of providers, alerts of limits, operators.

alter table cost_entries
    add column endpoint text default '' not null,
    add column credential text default '' not null,
    add column kind text default 'other' not null,
    add column provenance text default 'real' not null,
    add column outcome text default '' not null,
    add column call_key text,
    add column content_key text,
    add column answer text,
    add column lease_expires_at timestamptz,
    add constraint ck_cost_entries_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated'));
create index ix_cost_entries_call_key on cost_entries (call_key);
create index ix_cost_entries_in_flight on cost_entries (provider, credential) where status = 'reserved';
create index ix_cost_entries_shared on cost_entries (content_key) where content_key is not null;

create table cost_alerts (
    scope text not null,
    key text not null,
    limit_microusd bigint not null,
    percent integer not null,
    counted_microusd bigint not null,
    hard boolean not null,
    raised_at timestamptz default now() not null,
    constraint pk_cost_alerts primary key (scope, key, limit_microusd, percent),
    constraint ck_cost_alerts_percent check (percent in (50, 80, 100))
);
create index ix_cost_alerts_raised on cost_alerts (raised_at);

create table provider_circuits (
    provider text not null,
    endpoint text not null,
    credential text not null,
    state text default 'closed' not null,
    failures integer default 0 not null,
    openings integer default 0 not null,
    open_until timestamptz,
    wait_until timestamptz,
    probe text,
    last_error text default '' not null,
    constraint pk_provider_circuits primary key (provider, endpoint, credential),
    constraint ck_provider_circuits_state check (state in ('closed', 'open', 'half_open'))
);

create table operators (
    id text not null,
    token_sha256 text not null,
    created_at timestamptz default now() not null,
    constraint pk_operators primary key (id)
);
