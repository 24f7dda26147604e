-- What is read back from a platform, kept for 30 days at most, and where something rests on it.

create table readings (
    id text not null,
    channel_id text not null,
    publication_id text,
    provenance text not null,
    kind text not null,
    key text not null,
    body jsonb not null,
    sha256 char(64) not null,
    covers date,
    fetched_at timestamptz not null,
    expires_at timestamptz not null,
    constraint pk_readings primary key (id),
    constraint uq_readings_channel_id_kind_key unique (channel_id, kind, key),
    constraint ck_readings_kind check (kind in ('statistics', 'comment', 'comment_count', 'day', 'reach', 'report', 'report_job')),
    constraint ck_readings_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint ck_readings_life check (expires_at <= fetched_at + interval '30 days'),
    constraint fk_readings_channel_id_channels foreign key(channel_id) references channels (id) on delete cascade,
    constraint fk_readings_publication_id_publications foreign key(publication_id) references publications (id) on delete cascade
);
create index ix_readings_publication on readings (publication_id, kind);
create index ix_readings_expires_at on readings (expires_at);

create table reading_traces (
    place text not null,
    ref text not null,
    channel_id text not null,
    expires_at timestamptz not null,
    constraint pk_reading_traces primary key (place, ref),
    constraint ck_reading_traces_place check (place in ('lesson')),
    constraint fk_reading_traces_channel_id_channels foreign key(channel_id) references channels (id) on delete cascade
);
create index ix_reading_traces_expires_at on reading_traces (expires_at);
