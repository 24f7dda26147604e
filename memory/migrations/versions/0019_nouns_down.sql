drop table approval_voices;
alter table channels drop column two_person;
create index ix_runs_video_id on runs (video_id);
drop index ix_runs_video;
drop index ix_runs_conducted;
alter table runs drop constraint ck_runs_stopped;
alter table runs drop column stopped_by;
alter table runs drop column stop_reason;
alter table runs drop column conducted;
