-- Publishing to an outside platform: connections and their sealed consents, and the platform's quota.

create table platform_channels (
    channel_id text not null,
    external_id text not null,
    title text not null,
    project text not null,
    provenance text not null,
    uploads_playlist text not null,
    scopes jsonb not null,
    state text default 'active' not null,
    reason text default '' not null,
    connected_at timestamptz default now() not null,
    verified_at timestamptz,
    constraint pk_platform_channels primary key (channel_id),
    constraint uq_platform_channels_external_id unique (external_id),
    constraint ck_platform_channels_state check (state in ('active', 'needs_owner')),
    constraint fk_platform_channels_channel_id_channels foreign key(channel_id) references channels (id) on delete cascade
);

create table channel_tokens (
    channel_id text not null,
    sealed text not null,
    updated_at timestamptz default now() not null,
    constraint pk_channel_tokens primary key (channel_id),
    constraint fk_channel_tokens_channel_id_platform_channels foreign key(channel_id) references platform_channels (channel_id) on delete cascade
);

create table quota_spends (
    id bigint generated always as identity not null,
    project text not null,
    bucket text not null,
    day date not null,
    operation text not null,
    amount bigint not null,
    key text not null,
    channel_id text,
    created_at timestamptz default now() not null,
    constraint pk_quota_spends primary key (id),
    constraint ck_quota_spends_amount check (amount > 0)
);
create index ix_quota_spends_day on quota_spends (project, day, bucket);

create table quota_plans (
    project text not null,
    day date not null,
    bucket text not null,
    key text not null,
    remaining bigint not null,
    constraint pk_quota_plans primary key (project, day, bucket, key),
    constraint ck_quota_plans_remaining check (remaining >= 0)
);

create table quota_blocks (
    scope text not null,
    until timestamptz not null,
    reason text not null,
    created_at timestamptz default now() not null,
    constraint pk_quota_blocks primary key (scope)
);
