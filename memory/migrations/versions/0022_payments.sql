-- Whether a tenant has what its plan allows (the studio has a key of Stripe), or no limit at all (self-hosted).
alter table tenants add column billed boolean default false not null;

create table stripe_customers (
    tenant_id text not null,
    livemode boolean not null,
    customer_id text not null,
    created_at timestamptz default now() not null,
    constraint pk_stripe_customers primary key (tenant_id, livemode),
    constraint uq_stripe_customers_customer_id unique (customer_id),
    constraint fk_stripe_customers_tenant_id_tenants foreign key(tenant_id) references tenants (id)
);

-- A subscription as Stripe had it when it was asked last. `asked` orders the askings: what an earlier one was told never replaces what a later one was.
create sequence stripe_askings as bigint;
create table subscriptions (
    id text not null,
    tenant_id text not null,
    livemode boolean not null,
    customer_id text not null,
    status text not null,
    price text,
    period_ends_at timestamptz,
    ends boolean not null,
    grace_until timestamptz,
    asked bigint not null,
    changed_at timestamptz default now() not null,
    created_at timestamptz default now() not null,
    constraint pk_subscriptions primary key (id),
    constraint fk_subscriptions_tenant_id_tenants foreign key(tenant_id) references tenants (id)
);
create index ix_subscriptions_tenant_id on subscriptions (tenant_id);

-- Written in the transaction of the effect, so that an event has one however often it comes.
create table stripe_events (
    id text not null,
    type text not null,
    livemode boolean not null,
    subscription_id text,
    effect text not null,
    made_at timestamptz not null,
    taken_at timestamptz default now() not null,
    constraint pk_stripe_events primary key (id),
    constraint ck_stripe_events_effect check (effect in ('none', 'applied', 'overtaken', 'unknown'))
);
create index ix_stripe_events_taken on stripe_events (taken_at);
