-- Trends as a history: topics of a tenant with their meaning, where they were seen, and series of measured attention.

drop table trend_observations;
drop table trend_topics;

create table trend_topics (
    id text not null,
    tenant_id text not null,
    provenance text not null,
    label text not null,
    category text default '' not null,
    keywords jsonb default '[]'::jsonb not null,
    scores jsonb default '{}'::jsonb not null,
    outlook jsonb,
    model text not null,
    vector halfvec(384) not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    constraint pk_trend_topics primary key (id),
    constraint ck_trend_topics_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint fk_trend_topics_tenant_id_tenants foreign key(tenant_id) references tenants (id)
);
create index ix_trend_topics_seen on trend_topics (tenant_id, provenance, last_seen_at, id);

create table trend_sightings (
    id bigint generated always as identity,
    topic_id text not null,
    source_id text not null,
    source_name text not null,
    kind text default '' not null,
    url text not null,
    title text not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    constraint pk_trend_sightings primary key (id),
    constraint uq_trend_sightings_topic_id_source_id_url unique (topic_id, source_id, url),
    constraint fk_trend_sightings_topic_id_trend_topics foreign key(topic_id) references trend_topics (id) on delete cascade
);
create index ix_trend_sightings_url on trend_sightings (url);

create table trend_observations (
    id bigint generated always as identity,
    topic_id text not null,
    series text not null,
    at timestamptz not null,
    value double precision not null,
    unit text not null,
    constraint pk_trend_observations primary key (id),
    constraint ck_trend_observations_not_negative check (value >= 0),
    constraint uq_trend_observations_topic_id_series_at unique (topic_id, series, at),
    constraint fk_trend_observations_topic_id_trend_topics foreign key(topic_id) references trend_topics (id) on delete cascade
);
