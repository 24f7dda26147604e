-- What the studio knows and owes: trends, lessons, incidents, embeddings, money and the audit trail.

create table audit_events (
    seq bigint not null,
    at timestamptz not null,
    actor text not null,
    action text not null,
    subject text not null,
    details text not null,
    previous_hash char(64) not null,
    hash char(64) not null,
    constraint pk_audit_events primary key (seq),
    constraint uq_audit_events_hash unique (hash)
);

create table cost_accounts (
    scope text not null,
    key text not null,
    counted_microusd bigint default 0 not null,
    constraint pk_cost_accounts primary key (scope, key),
    constraint ck_cost_accounts_not_negative check (counted_microusd >= 0)
);

create table cost_entries (
    id text not null,
    provider text not null,
    operation text not null,
    status text default 'reserved' not null,
    reserved_microusd bigint not null,
    settled_microusd bigint,
    counted_microusd bigint generated always as (case status when 'settled' then settled_microusd when 'released' then 0 else reserved_microusd end) stored not null,
    usage jsonb,
    tenant_id text not null,
    channel_id text,
    video_id text,
    run_id text,
    job_id text,
    day date default (timezone('utc', now()))::date not null,
    created_at timestamptz default now() not null,
    closed_at timestamptz,
    constraint pk_cost_entries primary key (id),
    constraint ck_cost_entries_status check (status in ('reserved', 'settled', 'released', 'unknown')),
    constraint ck_cost_entries_not_negative check (reserved_microusd >= 0 and settled_microusd >= 0),
    constraint ck_cost_entries_settled check ((status = 'settled') = (settled_microusd is not null))
);
create index ix_cost_entries_channel_id on cost_entries (channel_id);
create index ix_cost_entries_job_id on cost_entries (job_id);
create index ix_cost_entries_run_id on cost_entries (run_id);
create index ix_cost_entries_tenant_day on cost_entries (tenant_id, day);
create index ix_cost_entries_video_id on cost_entries (video_id);

create table kill_switches (
    scope text not null,
    engaged boolean not null,
    reason text not null,
    changed_by text not null,
    changed_at timestamptz default now() not null,
    constraint pk_kill_switches primary key (scope)
);

create table source_states (
    source_id text not null,
    etag text,
    last_modified text,
    last_fetched_at timestamptz,
    last_succeeded_at timestamptz,
    next_fetch_at timestamptz,
    health text default 'unknown' not null,
    consecutive_failures integer default 0 not null,
    last_error text,
    constraint pk_source_states primary key (source_id),
    constraint ck_source_states_health check (health in ('unknown', 'ok', 'failing', 'dead'))
);

create table trend_topics (
    id text not null,
    label text not null,
    category text default '' not null,
    keywords jsonb default '[]'::jsonb not null,
    scores jsonb default '{}'::jsonb not null,
    provenance text not null,
    first_seen_at timestamptz default now() not null,
    last_seen_at timestamptz default now() not null,
    constraint pk_trend_topics primary key (id),
    constraint ck_trend_topics_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated'))
);
create index ix_trend_topics_seen on trend_topics (provenance, last_seen_at, id);

create table trend_observations (
    id bigint generated always as identity,
    topic_id text,
    source_id text not null,
    category text default '' not null,
    title text not null,
    summary text default '' not null,
    url text not null,
    published_at timestamptz,
    seen_at timestamptz not null,
    strength double precision,
    strength_unit text default '' not null,
    provenance text not null,
    constraint pk_trend_observations primary key (id),
    constraint ck_trend_observations_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint uq_trend_observations_source_id_url_seen_at_provenance unique (source_id, url, seen_at, provenance),
    constraint fk_trend_observations_topic_id_trend_topics foreign key(topic_id) references trend_topics (id) on delete set null
);
create index ix_trend_observations_seen on trend_observations (provenance, seen_at, id);
create index ix_trend_observations_topic_seen on trend_observations (topic_id, seen_at);

create table embeddings (
    id bigint generated always as identity,
    kind text not null,
    ref_id text not null,
    channel_id text not null,
    video_id text,
    provenance text not null,
    model text not null,
    text text not null,
    vector halfvec(384) not null,
    created_at timestamptz default now() not null,
    constraint pk_embeddings primary key (id),
    constraint ck_embeddings_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint uq_embeddings_channel_id_provenance_kind_model_ref_id unique (channel_id, provenance, kind, model, ref_id),
    constraint fk_embeddings_channel_id_channels foreign key(channel_id) references channels (id),
    constraint fk_embeddings_video_id_videos foreign key(video_id) references videos (id) on delete set null
);
create index ix_embeddings_video_id on embeddings (video_id);

create table lessons (
    id text not null,
    channel_id text not null,
    video_id text,
    run_id text,
    text text not null,
    evidence jsonb default '{}'::jsonb not null,
    provenance text not null,
    created_at timestamptz default now() not null,
    constraint pk_lessons primary key (id),
    constraint ck_lessons_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint fk_lessons_channel_id_channels foreign key(channel_id) references channels (id),
    constraint fk_lessons_video_id_videos foreign key(video_id) references videos (id),
    constraint fk_lessons_run_id_runs foreign key(run_id) references runs (id) on delete set null
);
create index ix_lessons_channel_created on lessons (channel_id, created_at, id);

create table incidents (
    id text not null,
    key text not null,
    kind text not null,
    severity text not null,
    status text default 'open' not null,
    summary text not null,
    channel_id text,
    run_id text,
    publication_id text,
    timeline jsonb default '[]'::jsonb not null,
    opened_at timestamptz default now() not null,
    resolved_at timestamptz,
    constraint pk_incidents primary key (id),
    constraint ck_incidents_severity check (severity in ('info', 'warning', 'critical')),
    constraint ck_incidents_status check (status in ('open', 'acknowledged', 'resolved')),
    constraint ck_incidents_resolved_at check ((status = 'resolved') = (resolved_at is not null)),
    constraint fk_incidents_channel_id_channels foreign key(channel_id) references channels (id),
    constraint fk_incidents_run_id_runs foreign key(run_id) references runs (id) on delete set null,
    constraint fk_incidents_publication_id_publications foreign key(publication_id) references publications (id) on delete set null
);
create index ix_incidents_channel_id on incidents (channel_id);
create index ix_incidents_opened on incidents (opened_at, id);
create unique index uq_incidents_open_key on incidents (key) where status <> 'resolved';

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'audit_events is append-only: % refused', tg_op using errcode = 'restrict_violation';
end
$$;

create trigger audit_events_append_only before update or delete on audit_events
    for each row execute function refuse_audit_change();
create trigger audit_events_no_truncate before truncate on audit_events
    for each statement execute function refuse_audit_change();
