-- What was predicted of each publication and what came of it, proposed changes of personalities, and how alike videos are.

create table outcomes (
    id text not null,
    publication_id text not null,
    channel_id text not null,
    run_id text,
    provenance text not null,
    predicted jsonb not null,
    predicted_at timestamptz default now() not null,
    happened jsonb,
    difference jsonb,
    lesson_id text,
    settled_at timestamptz,
    constraint pk_outcomes primary key (id),
    constraint uq_outcomes_publication_id unique (publication_id),
    constraint ck_outcomes_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint ck_outcomes_settled check ((settled_at is null) = (happened is null)),
    constraint fk_outcomes_publication_id_publications foreign key(publication_id) references publications (id) on delete cascade,
    constraint fk_outcomes_channel_id_channels foreign key(channel_id) references channels (id),
    constraint fk_outcomes_run_id_runs foreign key(run_id) references runs (id) on delete set null
);
create index ix_outcomes_channel on outcomes (channel_id, provenance, predicted_at, id);

-- A proposal of the studio rests on real videos only; one of an operator may be made at any time.
create table personality_changes (
    id text not null,
    channel_id text not null,
    field text not null,
    value_from jsonb not null,
    value_to jsonb not null,
    why text not null,
    evidence jsonb default '{}'::jsonb not null,
    status text default 'proposed' not null,
    proposed_by text not null,
    decided_by text,
    decided_at timestamptz,
    applied_run_id text,
    applied_at timestamptz,
    created_at timestamptz default now() not null,
    constraint pk_personality_changes primary key (id),
    constraint ck_personality_changes_status check (status in ('proposed', 'approved', 'applied', 'rejected', 'reverted')),
    constraint ck_personality_changes_decided check ((status = 'proposed') = (decided_at is null)),
    constraint fk_personality_changes_channel_id_channels foreign key(channel_id) references channels (id)
);
create index ix_personality_changes_channel on personality_changes (channel_id, created_at, id);
create unique index uq_personality_changes_open on personality_changes (channel_id, field) where status = 'proposed';

-- What a run was told of its channel's personality beyond the file: fixed when the run is made, so that a re-run reads the same.
alter table runs add column personality jsonb default '{}'::jsonb not null;

create table fingerprints (
    run_id text not null,
    channel_id text not null,
    provenance text not null,
    title text not null,
    body jsonb not null,
    published_at timestamptz,
    created_at timestamptz default now() not null,
    constraint pk_fingerprints primary key (run_id),
    constraint ck_fingerprints_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint fk_fingerprints_run_id_runs foreign key(run_id) references runs (id) on delete cascade,
    constraint fk_fingerprints_channel_id_channels foreign key(channel_id) references channels (id)
);
create index ix_fingerprints_channel on fingerprints (channel_id, provenance, created_at, run_id);
create index ix_fingerprints_newest on fingerprints (provenance, created_at, run_id);

create table sameness_checks (
    run_id text not null,
    stage text not null,
    iteration integer not null,
    channel_id text not null,
    provenance text not null,
    passed boolean not null,
    report jsonb not null,
    created_at timestamptz default now() not null,
    constraint pk_sameness_checks primary key (run_id, stage, iteration),
    constraint ck_sameness_checks_stage check (stage in ('script', 'thumbnail')),
    constraint ck_sameness_checks_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint fk_sameness_checks_run_id_runs foreign key(run_id) references runs (id) on delete cascade,
    constraint fk_sameness_checks_channel_id_channels foreign key(channel_id) references channels (id)
);
create index ix_sameness_checks_channel on sameness_checks (channel_id, provenance, created_at);

alter table reading_traces drop constraint ck_reading_traces_place;
alter table reading_traces add constraint ck_reading_traces_place check (place in ('lesson', 'personality_change'));
