-- Let a task be one call of a tool, and keep what was uploaded for tasks.

alter table tasks drop constraint ck_tasks_kind;
alter table tasks add constraint ck_tasks_kind check (kind in ('topic', 'sources', 'video', 'script', 'tool'));
create index ix_tasks_tenant_created on tasks (tenant_id, created_at, id);

create table uploads (
    id text not null,
    tenant_id text not null,
    digest char(64) not null,
    name text not null,
    media_type text not null,
    bytes bigint not null,
    created_by text not null,
    created_at timestamptz default now() not null,
    constraint pk_uploads primary key (id),
    constraint fk_uploads_tenant_id_tenants foreign key(tenant_id) references tenants (id),
    constraint uq_uploads_tenant_id_digest_name unique (tenant_id, digest, name),
    constraint ck_uploads_bytes check (bytes > 0)
);
