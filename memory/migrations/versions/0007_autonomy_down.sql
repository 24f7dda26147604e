-- Autonomous runs are forgotten; what they made and published stays.

drop table run_reports;
alter table runs drop column autonomous_run_id;
drop table slots;
drop table tasks;
drop table autonomous_runs;
drop table named_leases;
