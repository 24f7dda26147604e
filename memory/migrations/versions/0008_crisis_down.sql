-- Take back what 0008 made; what came in and what was told goes with it.

alter table channels drop column held_until, drop column held_reason;
drop table polls;
drop table incident_actions;
alter table incidents drop column confidence, drop column signal;
drop table message_deliveries;
drop table messages;
drop table notices;
