#!/bin/sh
# Runs once in a new database: the vector extension and the restricted role that the application connects as.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v password="$YTEMPIRE_APP_PASSWORD" <<'SQL'
create extension if not exists vector;
create role ytempire_app login nosuperuser nobypassrls nocreatedb nocreaterole password :'password';
grant usage on schema public to ytempire_app;
alter default privileges in schema public grant select, insert, update, delete on tables to ytempire_app;
alter default privileges in schema public grant usage, select on sequences to ytempire_app;
SQL
