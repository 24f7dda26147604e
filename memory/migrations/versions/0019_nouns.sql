-- A production that the conductor drives though no autonomous run launched it, and one that somebody wants to end.
alter table runs add column conducted boolean default false not null;
alter table runs add column stop_reason text;
alter table runs add column stopped_by text;
alter table runs add constraint ck_runs_stopped check ((stop_reason is null) = (stopped_by is null));
create index ix_runs_conducted on runs (created_at, id) where conducted and finished_at is null;
create index ix_runs_video on runs (video_id, created_at, id);
drop index ix_runs_video_id;

alter table channels add column two_person boolean default false not null;

-- What was said on an approval before it was decided: a program's proposal, or the first acceptance where two people are needed.
create table approval_voices (
    id text not null,
    approval_id text not null,
    principal text not null,
    kind text not null,
    manifest_digest char(64) not null,
    decision jsonb not null,
    created_at timestamptz default clock_timestamp() not null,
    constraint pk_approval_voices primary key (id),
    constraint ck_approval_voices_kind check (kind in ('proposal', 'acceptance')),
    constraint fk_approval_voices_approval_id_approvals foreign key(approval_id) references approvals (id) on delete cascade
);
create index ix_approval_voices_approval on approval_voices (approval_id, created_at, id);
