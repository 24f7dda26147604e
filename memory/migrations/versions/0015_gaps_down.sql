alter table tasks drop constraint ck_tasks_kind;
update slots set task_id = null where task_id in (select id from tasks where kind = 'script');
delete from tasks where kind = 'script';
alter table tasks add constraint ck_tasks_kind check (kind in ('topic', 'sources', 'video'));
alter table autonomous_runs drop column report_to;
