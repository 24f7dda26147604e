#!/bin/sh
# Runs once in a new database: the vector extension, the restricted role that the application connects as, that of the workers that publish, and that
# of what serves people and programs. What the last may do is granted by the migrations, table by table, with policies for the rows.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v password="$YTEMPIRE_APP_PASSWORD" -v publish="$YTEMPIRE_PUBLISH_PASSWORD" \
    -v api="$YTEMPIRE_API_PASSWORD" <<'SQL'
create extension if not exists vector;
create role ytempire_app login nosuperuser nobypassrls nocreatedb nocreaterole password :'password';
create role ytempire_publish login nosuperuser nobypassrls nocreatedb nocreaterole password :'publish';
create role ytempire_api login nosuperuser nobypassrls nocreatedb nocreaterole noinherit password :'api';
grant ytempire_app to ytempire_publish;
grant usage on schema public to ytempire_app;
alter default privileges in schema public grant select, insert, update, delete on tables to ytempire_app;
alter default privileges in schema public grant usage, select on sequences to ytempire_app;
SQL
