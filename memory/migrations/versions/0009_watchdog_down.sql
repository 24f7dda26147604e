drop table brakes;
drop table findings;
drop table heartbeats;
