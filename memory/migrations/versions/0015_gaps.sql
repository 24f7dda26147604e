-- Let an autonomous run report to addresses of its own, and let a task hold a finished script.

-- As they were given, with what is secret in them: requests, logs and the audit trail hold their labels only.
alter table autonomous_runs add column report_to jsonb default '[]'::jsonb not null;

alter table tasks drop constraint ck_tasks_kind;
alter table tasks add constraint ck_tasks_kind check (kind in ('topic', 'sources', 'video', 'script'));
