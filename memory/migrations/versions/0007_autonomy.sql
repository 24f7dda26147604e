-- Autonomous runs with their slots and reports, injected tasks, and named leases.

create table named_leases (
    name text not null,
    owner text,
    token bigint default 0 not null,
    expires_at timestamptz,
    constraint pk_named_leases primary key (name)
);

create table autonomous_runs (
    id text not null,
    tenant_id text not null,
    key text not null,
    status text default 'planning' not null,
    request jsonb not null,
    revision integer default 1 not null,
    provenance text not null,
    budget_microusd bigint not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    wake_at timestamptz,
    wakes integer default 0 not null,
    woken_at timestamptz,
    takeovers integer default 0 not null,
    notes jsonb default '{}'::jsonb not null,
    paused_reason text,
    stop_reason text,
    ended_reason text,
    lease_owner text,
    lease_token bigint default 0 not null,
    lease_expires_at timestamptz,
    created_at timestamptz default now() not null,
    ended_at timestamptz,
    constraint pk_autonomous_runs primary key (id),
    constraint uq_autonomous_runs_tenant_id_key unique (tenant_id, key),
    constraint ck_autonomous_runs_status check (status in ('planning', 'running', 'paused', 'stopping', 'ended')),
    constraint ck_autonomous_runs_provenance check (provenance in ('real', 'demo', 'rehearsal', 'simulated')),
    constraint ck_autonomous_runs_budget check (budget_microusd >= 0),
    constraint ck_autonomous_runs_period check (ends_at > starts_at),
    constraint ck_autonomous_runs_ended check ((status = 'ended') = (ended_at is not null)),
    constraint ck_autonomous_runs_paused_reason check (status <> 'paused' or paused_reason is not null),
    constraint fk_autonomous_runs_tenant_id_tenants foreign key(tenant_id) references tenants (id)
);
create index ix_autonomous_runs_due on autonomous_runs (wake_at, id) where status <> 'ended';
create index ix_autonomous_runs_created on autonomous_runs (created_at, id);

create table tasks (
    id text not null,
    tenant_id text not null,
    key text not null,
    kind text not null,
    channel_id text,
    priority integer default 1 not null,
    due_at timestamptz,
    payload jsonb not null,
    status text default 'queued' not null,
    reason text default '' not null,
    autonomous_run_id text,
    created_by text not null,
    created_at timestamptz default now() not null,
    finished_at timestamptz,
    constraint pk_tasks primary key (id),
    constraint uq_tasks_tenant_id_key unique (tenant_id, key),
    constraint ck_tasks_kind check (kind in ('topic', 'sources', 'video')),
    constraint ck_tasks_status check (status in ('queued', 'planned', 'done', 'failed', 'cancelled')),
    constraint ck_tasks_priority check (priority in (1, 5, 10)),
    constraint ck_tasks_finished check ((status in ('done', 'failed', 'cancelled')) = (finished_at is not null)),
    constraint fk_tasks_tenant_id_tenants foreign key(tenant_id) references tenants (id),
    constraint fk_tasks_channel_id_channels foreign key(channel_id) references channels (id),
    constraint fk_tasks_autonomous_run_id_autonomous_runs foreign key(autonomous_run_id) references autonomous_runs (id) on delete set null
);
create index ix_tasks_created on tasks (created_at, id);
create index ix_tasks_open on tasks (priority, created_at, id) where status in ('queued', 'planned');

create table slots (
    id text not null,
    autonomous_run_id text not null,
    key text not null,
    channel_id text not null,
    status text default 'planned' not null,
    priority integer default 1 not null,
    publish_at timestamptz not null,
    launch_at timestamptz not null,
    retry_at timestamptz,
    attempts integer default 0 not null,
    production_run_id text,
    task_id text,
    why jsonb default '{}'::jsonb not null,
    history jsonb default '[]'::jsonb not null,
    created_at timestamptz default now() not null,
    launched_at timestamptz,
    finished_at timestamptz,
    constraint pk_slots primary key (id),
    constraint uq_slots_autonomous_run_id_key unique (autonomous_run_id, key),
    constraint uq_slots_production_run_id unique (production_run_id),
    constraint ck_slots_status check (status in ('planned', 'launched', 'asked', 'published', 'missed', 'skipped', 'cancelled', 'failed')),
    constraint ck_slots_priority check (priority in (1, 5, 10)),
    constraint ck_slots_launched check (status not in ('launched', 'published') or production_run_id is not null),
    constraint ck_slots_finished check ((status in ('planned', 'launched', 'asked')) = (finished_at is null)),
    constraint fk_slots_autonomous_run_id_autonomous_runs foreign key(autonomous_run_id) references autonomous_runs (id) on delete cascade,
    constraint fk_slots_channel_id_channels foreign key(channel_id) references channels (id),
    constraint fk_slots_production_run_id_runs foreign key(production_run_id) references runs (id),
    constraint fk_slots_task_id_tasks foreign key(task_id) references tasks (id)
);
create index ix_slots_publish on slots (autonomous_run_id, publish_at, id);
create index ix_slots_channel_publish on slots (channel_id, publish_at);
create index ix_slots_open on slots (status, launch_at) where status in ('planned', 'launched', 'asked');

alter table runs
    add column autonomous_run_id text,
    add constraint fk_runs_autonomous_run_id_autonomous_runs foreign key(autonomous_run_id) references autonomous_runs (id) on delete set null;
create index ix_runs_autonomous on runs (autonomous_run_id) where autonomous_run_id is not null;

create table run_reports (
    id text not null,
    autonomous_run_id text not null,
    key text not null,
    kind text not null,
    covers_from timestamptz not null,
    covers_to timestamptz not null,
    body jsonb not null,
    text text not null,
    created_at timestamptz default now() not null,
    constraint pk_run_reports primary key (id),
    constraint uq_run_reports_autonomous_run_id_key unique (autonomous_run_id, key),
    constraint ck_run_reports_kind check (kind in ('morning', 'final')),
    constraint fk_run_reports_autonomous_run_id_autonomous_runs foreign key(autonomous_run_id) references autonomous_runs (id) on delete cascade
);
