-- Whether an address is taken must not depend on tenants that whoever asks knows nothing of.
alter table users drop constraint uq_users_email;
drop index ix_users_tenant_id;
alter table users add constraint uq_users_tenant_id_email unique (tenant_id, email);

-- Whose things a message is about decides whose it is; what is about nobody's is its writer's, and the studio's own when that is the studio.
create function take_tenant_of_message() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    new.tenant_id := coalesce(
        (select t.id from tenants t where t.id = new.about ->> 'tenant'),
        (select a.tenant_id from autonomous_runs a where a.id = new.about ->> 'autonomous_run'),
        (select c.tenant_id from channels c where c.id = new.about ->> 'channel'),
        (select i.tenant_id from incidents i where i.id = new.about ->> 'incident'),
        nullif(current_setting('ytempire.tenant', true), ''),
        'tenant_local'
    );
    return new;
end
$$;
alter table messages add column tenant_id text default 'tenant_local' not null;
create trigger messages_tenant before insert or update of about, tenant_id on messages for each row execute function take_tenant_of_message();
update messages set about = about;
create index ix_messages_tenant_created on messages (tenant_id, created_at, id);
