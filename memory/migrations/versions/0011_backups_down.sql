drop table restores;
drop table restore_drills;
drop table backups;
