-- Let workers say which host and media store they serve from.

-- What every process of a studio must share, whichever machine it runs on.
create table studio (
    id text default 'studio' not null,
    media_mark text not null,
    media_place text not null,
    code text not null,
    set_at timestamptz default now() not null,
    constraint pk_studio primary key (id),
    constraint ck_studio_one_row check (id = 'studio')
);

alter table workers
    add column code text default '' not null,
    add column media_place text default '' not null,
    add column clock_ahead_s double precision;
