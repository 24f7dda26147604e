alter table sessions add column confirmed_at timestamptz default now() not null;
-- Nobody who signed in before has shown a password since.
update sessions set confirmed_at = created_at;
