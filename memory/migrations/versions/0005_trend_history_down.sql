-- The two tables as the first revision made them.

drop table trend_observations;
drop table trend_sightings;
drop table trend_topics;

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
