#!/bin/sh
# Runs once in a new database: the vector extension, the restricted role that the application connects as, and that of the workers that publish.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v password="$YTEMPIRE_APP_PASSWORD" -v publish="$YTEMPIRE_PUBLISH_PASSWORD" <<'SQL'
create extension if not exists vector;
create role ytempire_app login nosuperuser nobypassrls nocreatedb nocreaterole password :'password';
create role ytempire_publish login nosuperuser nobypassrls nocreatedb nocreaterole password :'publish';
grant ytempire_app to ytempire_publish;
grant usage on schema public to ytempire_app;
alter default privileges in schema public grant select, insert, update, delete on tables to ytempire_app;
alter default privileges in schema public grant usage, select on sequences to ytempire_app;
SQL
