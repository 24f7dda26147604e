drop table uploads;
drop index ix_tasks_tenant_created;
delete from tasks where kind = 'tool';
alter table tasks drop constraint ck_tasks_kind;
alter table tasks add constraint ck_tasks_kind check (kind in ('topic', 'sources', 'video', 'script'));
