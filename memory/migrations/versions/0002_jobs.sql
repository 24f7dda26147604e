-- The job kernel: jobs, their attempts and the workers that run them.

create table jobs (
    id text not null,
    run_id text not null,
    node text not null,
    iteration integer not null,
    ordinal integer not null,
    channel_id text,
    agent text not null,
    tool text not null,
    queue text not null,
    args jsonb not null,
    input_hash text not null,
    provenance text not null,
    seed bigint default '0' not null,
    priority smallint default '1' not null,
    state text default 'queued' not null,
    attempts integer default '0' not null,
    failures integer default '0' not null,
    kills integer default '0' not null,
    completions integer default '0' not null,
    max_attempts integer not null,
    timeout_s double precision not null,
    schedule_to_close timestamptz,
    next_attempt_at timestamptz default now() not null,
    lease_owner text,
    lease_token bigint default '0' not null,
    lease_expires_at timestamptz,
    heartbeat_at timestamptz,
    progress double precision default '0' not null,
    progress_note text default '' not null,
    result jsonb,
    error jsonb,
    created_at timestamptz default now() not null,
    dispatched_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    constraint pk_jobs primary key (id),
    constraint uq_jobs_run_id_node_iteration_ordinal unique (run_id, node, iteration, ordinal),
    constraint ck_jobs_state check (state in ('queued', 'dispatched', 'running', 'done', 'dead', 'quarantined', 'cancelled')),
    constraint ck_jobs_completed_once check (completions between 0 and 1),
    constraint ck_jobs_progress check (progress between 0 and 1),
    constraint ck_jobs_done_is_completed check ((state = 'done') = (completions = 1))
);
create index ix_jobs_dead on jobs (finished_at) where state in ('dead', 'quarantined');
create index ix_jobs_in_flight on jobs (queue, dispatched_at) where state in ('dispatched', 'running');
create index ix_jobs_lease on jobs (lease_expires_at) where state = 'running';
create index ix_jobs_ready on jobs (queue, priority, next_attempt_at, id) where state = 'queued';

create table job_attempts (
    job_id text not null,
    token bigint not null,
    attempt integer not null,
    worker text not null,
    started_at timestamptz default now() not null,
    ended_at timestamptz,
    outcome text default 'running' not null,
    error jsonb,
    constraint pk_job_attempts primary key (job_id, token),
    constraint fk_job_attempts_job_id_jobs foreign key(job_id) references jobs (id) on delete cascade
);

create table workers (
    id text not null,
    queue text not null,
    host text not null,
    pid integer not null,
    process_started double precision not null,
    state text default 'idle' not null,
    job_id text,
    rss_bytes bigint default '0' not null,
    started_at timestamptz default now() not null,
    heartbeat_at timestamptz default now() not null,
    constraint pk_workers primary key (id),
    constraint ck_workers_state check (state in ('idle', 'busy', 'stopped', 'dead'))
);
create index ix_workers_queue on workers (queue, heartbeat_at);
