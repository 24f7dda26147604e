-- An owner who was asked for consent in the browser: whose request it is, and what became of it. Of the state only the digest is kept.
create table consent_requests (
    id text not null,
    tenant_id text not null,
    channel_id text not null,
    user_id text not null,
    state_digest char(64) not null,
    redirect_uri text not null,
    status text default 'asked' not null,
    reason text default '' not null,
    created_at timestamptz default now() not null,
    expires_at timestamptz not null,
    finished_at timestamptz,
    constraint pk_consent_requests primary key (id),
    constraint uq_consent_requests_state_digest unique (state_digest),
    constraint ck_consent_requests_status check (status in ('asked', 'answered', 'connected', 'failed')),
    constraint ck_consent_requests_finished check ((status in ('connected', 'failed')) = (finished_at is not null)),
    constraint fk_consent_requests_tenant_id_tenants foreign key(tenant_id) references tenants (id),
    constraint fk_consent_requests_channel_id_channels foreign key(channel_id) references channels (id) on delete cascade
);
create index ix_consent_requests_channel on consent_requests (channel_id, created_at);

-- What turns an answer into a consent, apart: written by whoever asks, read by whoever publishes, and gone once it was used.
create table consent_secrets (
    request_id text not null,
    verifier text not null,
    code text,
    constraint pk_consent_secrets primary key (request_id),
    constraint fk_consent_secrets_request_id_consent_requests foreign key(request_id) references consent_requests (id) on delete cascade
);

-- Whoever watches a channel is told that its account was connected, needs its owner, or is gone.
create function note_account() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    row platform_channels := case when tg_op = 'DELETE' then old else new end;
    state text := case when tg_op = 'DELETE' then 'disconnected' when row.state = 'active' then 'connected' else row.state end;
begin
    perform note_event(
        (select c.tenant_id from channels c where c.id = row.channel_id), 'account.' || state, row.channel_id, row.channel_id, null, state <> 'connected',
        jsonb_build_object('platform', 'youtube', 'title', row.title, 'external_id', row.external_id, 'reason', row.reason)
    );
    return null;
end
$$;
create trigger platform_channels_created after insert or delete on platform_channels for each row execute function note_account();
create trigger platform_channels_changed after update of state on platform_channels for each row when (old.state is distinct from new.state)
    execute function note_account();

-- `ready`: a video that is finished already; `agent`: one agent on what it is given.
alter table tasks drop constraint ck_tasks_kind;
alter table tasks add constraint ck_tasks_kind check (kind in ('topic', 'sources', 'video', 'script', 'ready', 'tool', 'agent'));
-- What came of one agent, what it was shown first, and how often it was asked anew.
alter table tasks add column result jsonb;
alter table tasks add column snapshot text;
alter table tasks add column attempt integer default 0 not null;

-- Addresses hold secrets: whoever may see a run sees their labels, which stand in its request.
create table report_addresses (
    autonomous_run_id text not null,
    addresses jsonb not null,
    constraint pk_report_addresses primary key (autonomous_run_id),
    constraint fk_report_addresses_autonomous_run_id_autonomous_runs foreign key(autonomous_run_id) references autonomous_runs (id) on delete cascade
);
insert into report_addresses (autonomous_run_id, addresses) select id, report_to from autonomous_runs where jsonb_array_length(report_to) > 0;
alter table autonomous_runs drop column report_to;

-- Pages of Stripe's on which somebody may still pay. A tenant has one: a later one ends those before it.
create table stripe_checkouts (
    id text not null,
    tenant_id text not null,
    livemode boolean not null,
    opened_at timestamptz default clock_timestamp() not null,
    ended_at timestamptz,
    constraint pk_stripe_checkouts primary key (id),
    constraint fk_stripe_checkouts_tenant_id_tenants foreign key(tenant_id) references tenants (id)
);
create index ix_stripe_checkouts_open on stripe_checkouts (tenant_id, opened_at) where ended_at is null;
