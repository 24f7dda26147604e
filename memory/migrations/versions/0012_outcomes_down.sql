-- What rests on a lesson's readings goes with the tables; the lessons themselves stay.
delete from reading_traces where place <> 'lesson';
alter table reading_traces drop constraint ck_reading_traces_place;
alter table reading_traces add constraint ck_reading_traces_place check (place in ('lesson'));
drop table sameness_checks;
drop table fingerprints;
alter table runs drop column personality;
drop table personality_changes;
drop table outcomes;
