alter table workers drop column code, drop column media_place, drop column clock_ahead_s;
drop table studio;
