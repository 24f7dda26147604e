-- Create the record of backups, of drills that restore them, and of the restores this database went through.

create table backups (
    id text not null,
    series text not null,
    place text not null,
    kind text not null,
    parent_id text,
    status text default 'running' not null,
    started_at timestamptz default now() not null,
    finished_at timestamptz,
    bytes bigint default 0 not null,
    details jsonb default '{}'::jsonb not null,
    error text default '' not null,
    constraint pk_backups primary key (id),
    constraint ck_backups_kind check (kind in ('full', 'incremental')),
    constraint ck_backups_status check (status in ('running', 'done', 'failed')),
    constraint ck_backups_parent_id check ((kind = 'incremental') = (parent_id is not null)),
    constraint ck_backups_finished_at check ((status = 'running') = (finished_at is null))
);
create index ix_backups_started on backups (started_at, id);

create table restore_drills (
    id text not null,
    backup_id text not null,
    status text not null,
    started_at timestamptz not null,
    seconds double precision not null,
    checks jsonb default '{}'::jsonb not null,
    error text default '' not null,
    constraint pk_restore_drills primary key (id),
    constraint ck_restore_drills_status check (status in ('passed', 'failed'))
);
create index ix_restore_drills_started on restore_drills (started_at, id);

create table restores (
    id text not null,
    backup_id text not null,
    backed_up_at timestamptz not null,
    restored_at timestamptz default now() not null,
    settled_at timestamptz,
    findings jsonb default '{}'::jsonb not null,
    constraint pk_restores primary key (id)
);
create index ix_restores_unsettled on restores (restored_at) where settled_at is null;
