-- What processes tell of themselves, what the watchdog last found, and the brakes it may put on.

create table heartbeats (
    name text not null,
    at timestamptz default now() not null,
    progress text,
    progress_at timestamptz default now() not null,
    within_s double precision default '60' not null,
    details jsonb default '{}'::jsonb not null,
    constraint pk_heartbeats primary key (name),
    constraint ck_heartbeats_within check (within_s > 0)
);

create table findings (
    name text not null,
    status text not null,
    said text default '' not null,
    fix text default '' not null,
    reading jsonb default '{}'::jsonb not null,
    since timestamptz default now() not null,
    at timestamptz default now() not null,
    constraint pk_findings primary key (name),
    constraint ck_findings_status check (status in ('ok', 'warning', 'critical', 'unknown'))
);

create table brakes (
    scope text not null,
    reason text not null,
    put_by text not null,
    put_at timestamptz default now() not null,
    expires_at timestamptz not null,
    constraint pk_brakes primary key (scope)
);
