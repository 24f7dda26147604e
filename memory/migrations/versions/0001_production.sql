-- What the studio makes: tenants, channels, videos, runs and everything that hangs on a run.

create table run_events (
    run_id text not null,
    seq bigint not null,
    kind text not null,
    payload jsonb not null,
    created_at timestamptz default now() not null,
    constraint pk_run_events primary key (run_id, seq)
);

create table tenants (
    id text not null,
    name text not null,
    created_at timestamptz default now() not null,
    constraint pk_tenants primary key (id)
);

create table channels (
    id text not null,
    tenant_id text not null,
    name text not null,
    personality_id text not null,
    autonomy text default 'review' not null,
    paused boolean default false not null,
    paused_reason text,
    paused_at timestamptz,
    created_at timestamptz default now() not null,
    constraint pk_channels primary key (id),
    constraint ck_channels_autonomy check (autonomy in ('manual', 'review', 'policy', 'autonomous')),
    constraint ck_channels_paused_reason check (paused = (paused_reason is not null)),
    constraint fk_channels_tenant_id_tenants foreign key(tenant_id) references tenants (id)
);
create index ix_channels_tenant_id on channels (tenant_id);

create table users (
    id text not null,
    tenant_id text not null,
    email text not null,
    role text not null,
    created_at timestamptz default now() not null,
    constraint pk_users primary key (id),
    constraint ck_users_role check (role in ('owner', 'operator', 'viewer')),
    constraint fk_users_tenant_id_tenants foreign key(tenant_id) references tenants (id),
    constraint uq_users_email unique (email)
);
create index ix_users_tenant_id on users (tenant_id);

create table videos (
    id text not null,
    channel_id text not null,
    topic text default '' not null,
    title text default '' not null,
    format text not null,
    seconds integer not null,
    provenance text not null,
    created_at timestamptz default now() not null,
    constraint pk_videos primary key (id),
    constraint ck_videos_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint fk_videos_channel_id_channels foreign key(channel_id) references channels (id)
);
create index ix_videos_channel_created on videos (channel_id, created_at, id);

create table runs (
    id text not null,
    kind text default 'production' not null,
    channel_id text not null,
    video_id text,
    status text default 'running' not null,
    request jsonb not null,
    provenance text not null,
    lease_owner text,
    lease_token bigint default 0 not null,
    lease_expires_at timestamptz,
    heartbeat_at timestamptz,
    recovery_attempts integer default 0 not null,
    error jsonb,
    outcome jsonb,
    created_at timestamptz default now() not null,
    started_at timestamptz,
    finished_at timestamptz,
    constraint pk_runs primary key (id),
    constraint ck_runs_status check (status in ('running', 'waiting', 'published', 'refused', 'rejected', 'failed')),
    constraint ck_runs_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint fk_runs_channel_id_channels foreign key(channel_id) references channels (id),
    constraint fk_runs_video_id_videos foreign key(video_id) references videos (id)
);
create index ix_runs_channel_created on runs (channel_id, created_at, id);
create index ix_runs_unfinished on runs (created_at, id) where finished_at is null;
create index ix_runs_video_id on runs (video_id);

create table approvals (
    id text not null,
    run_id text not null,
    gate text not null,
    interrupt_id text not null,
    manifest_digest char(64) not null,
    request jsonb not null,
    status text default 'pending' not null,
    decided_by text,
    decision jsonb,
    created_at timestamptz default now() not null,
    decided_at timestamptz,
    constraint pk_approvals primary key (id),
    constraint ck_approvals_status check (status in ('pending', 'accepted', 'edited', 'responded', 'ignored', 'expired')),
    constraint ck_approvals_decided_at check ((status = 'pending') = (decided_at is null)),
    constraint uq_approvals_run_id_interrupt_id unique (run_id, interrupt_id),
    constraint fk_approvals_run_id_runs foreign key(run_id) references runs (id) on delete cascade
);
create index ix_approvals_pending on approvals (created_at, id) where status = 'pending';

create table artifacts (
    id bigint generated always as identity,
    digest char(64) not null,
    run_id text,
    kind text not null,
    media_type text not null,
    size_bytes bigint not null,
    provenance text not null,
    rights jsonb,
    created_at timestamptz default now() not null,
    constraint pk_artifacts primary key (id),
    constraint ck_artifacts_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint uq_artifacts_digest_run_id_kind unique nulls not distinct (digest, run_id, kind),
    constraint fk_artifacts_run_id_runs foreign key(run_id) references runs (id) on delete cascade
);
create index ix_artifacts_run_id on artifacts (run_id);

create table decisions (
    run_id text not null,
    node text not null,
    iteration integer not null,
    ordinal integer not null,
    agent text not null,
    decision jsonb not null,
    created_at timestamptz default now() not null,
    constraint pk_decisions primary key (run_id, node, iteration, ordinal),
    constraint fk_decisions_run_id_runs foreign key(run_id) references runs (id) on delete cascade
);

create table publications (
    id text not null,
    key text not null,
    run_id text not null,
    channel_id text not null,
    publisher text not null,
    provenance text not null,
    manifest_digest char(64) not null,
    state text default 'intent' not null,
    history jsonb default '[]'::jsonb not null,
    details jsonb default '{}'::jsonb not null,
    external_id text,
    external_url text,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    published_at timestamptz,
    constraint pk_publications primary key (id),
    constraint ck_publications_state check (state in ('intent', 'session_open', 'bytes_sent', 'created', 'described', 'pictured', 'released', 'verified', 'needs_human', 'failed', 'retracted')),
    constraint ck_publications_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint uq_publications_key unique (key),
    constraint fk_publications_run_id_runs foreign key(run_id) references runs (id),
    constraint fk_publications_channel_id_channels foreign key(channel_id) references channels (id)
);
create index ix_publications_channel_created on publications (channel_id, created_at, id);
create index ix_publications_run_id on publications (run_id);

create table snapshots (
    run_id text not null,
    node text not null,
    iteration integer not null,
    artifact char(64) not null,
    created_at timestamptz default now() not null,
    constraint pk_snapshots primary key (run_id, node, iteration),
    constraint fk_snapshots_run_id_runs foreign key(run_id) references runs (id) on delete cascade
);

create table checks (
    id text not null,
    publication_id text not null,
    run_id text not null,
    channel_id text not null,
    kind text not null,
    due_at timestamptz not null,
    status text default 'scheduled' not null,
    lease_expires_at timestamptz,
    check_run_id text,
    result jsonb,
    created_at timestamptz default now() not null,
    finished_at timestamptz,
    constraint pk_checks primary key (id),
    constraint ck_checks_kind check (kind in ('1h', '24h', '72h', '7d')),
    constraint ck_checks_status check (status in ('scheduled', 'running', 'done', 'failed', 'cancelled')),
    constraint fk_checks_publication_id_publications foreign key(publication_id) references publications (id) on delete cascade,
    constraint fk_checks_run_id_runs foreign key(run_id) references runs (id),
    constraint fk_checks_channel_id_channels foreign key(channel_id) references channels (id)
);
create index ix_checks_open on checks (due_at, id) where status in ('scheduled', 'running');
create index ix_checks_run_id on checks (run_id);
create unique index uq_checks_publication_kind on checks (publication_id, kind);
