drop trigger messages_tenant on messages;
drop index ix_messages_tenant_created;
alter table messages drop column tenant_id;
drop function take_tenant_of_message();
alter table users drop constraint uq_users_tenant_id_email;
create index ix_users_tenant_id on users (tenant_id);
alter table users add constraint uq_users_email unique (email);
