-- Settings that were changed while the studio runs; the environment's hold wherever there is no row.
create table settings (
    name text not null,
    value jsonb not null,
    changed_by text not null,
    changed_at timestamptz default now() not null,
    constraint pk_settings primary key (name)
);
