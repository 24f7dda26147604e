-- What comes in about our videos, what goes out to the operator, when publications are looked at, and what was done in an incident.

create table notices (
    id text not null,
    key text not null,
    source text not null,
    kind text not null,
    confidence double precision not null,
    sender text default '' not null,
    subject text default '' not null,
    body text not null,
    authenticated text default '' not null,
    channel_id text,
    publication_id text,
    incident_id text,
    status text default 'new' not null,
    said_at timestamptz,
    received_at timestamptz default now() not null,
    constraint pk_notices primary key (id),
    constraint uq_notices_key unique (key),
    constraint ck_notices_source check (source in ('mail', 'file', 'webhook')),
    constraint ck_notices_kind check (kind in ('claim', 'strike', 'takedown', 'policy', 'consent', 'correction', 'other')),
    constraint ck_notices_status check (status in ('new', 'handled', 'filed')),
    constraint ck_notices_confidence check (confidence between 0 and 1),
    constraint fk_notices_channel_id_channels foreign key(channel_id) references channels (id),
    constraint fk_notices_publication_id_publications foreign key(publication_id) references publications (id) on delete set null,
    constraint fk_notices_incident_id_incidents foreign key(incident_id) references incidents (id) on delete set null
);
create index ix_notices_received on notices (received_at, id);
create index ix_notices_new on notices (received_at) where status = 'new';
create index ix_notices_channel_id on notices (channel_id);

create table messages (
    id text not null,
    key text not null,
    kind text not null,
    severity text not null,
    subject text not null,
    body text not null,
    about jsonb default '{}'::jsonb not null,
    created_at timestamptz default now() not null,
    constraint pk_messages primary key (id),
    constraint uq_messages_key unique (key),
    constraint ck_messages_severity check (severity in ('info', 'warning', 'critical'))
);
create index ix_messages_created on messages (created_at, id);

create table message_deliveries (
    message_id text not null,
    address text not null,
    label text not null,
    status text default 'waiting' not null,
    attempts integer default 0 not null,
    next_at timestamptz default now() not null,
    lease_expires_at timestamptz,
    error text,
    ended_at timestamptz,
    constraint pk_message_deliveries primary key (message_id, address),
    constraint ck_message_deliveries_status check (status in ('waiting', 'sent', 'failed')),
    constraint ck_message_deliveries_ended check ((status = 'waiting') = (ended_at is null)),
    constraint ck_message_deliveries_attempts check (attempts >= 0),
    constraint fk_message_deliveries_message_id_messages foreign key(message_id) references messages (id) on delete cascade
);
create index ix_message_deliveries_waiting on message_deliveries (next_at) where status = 'waiting';

alter table incidents add column confidence double precision;
alter table incidents add column signal text default '' not null;
alter table incidents add constraint ck_incidents_confidence check (confidence between 0 and 1);

create table incident_actions (
    id text not null,
    incident_id text not null,
    action text not null,
    target text not null,
    status text not null,
    by text not null,
    why text default '' not null,
    reversible boolean not null,
    reversal text not null,
    before jsonb default '{}'::jsonb not null,
    details jsonb default '{}'::jsonb not null,
    at timestamptz default now() not null,
    reversed_at timestamptz,
    reversed_by text,
    constraint pk_incident_actions primary key (id),
    constraint uq_incident_actions_incident_id_action_target unique (incident_id, action, target),
    constraint ck_incident_actions_status check (status in ('done', 'wanted', 'failed', 'reversed')),
    constraint ck_incident_actions_reversed check ((status = 'reversed') = (reversed_at is not null)),
    constraint ck_incident_actions_automatic check (reversible or status <> 'done' or by <> 'crisis_monitor'),
    constraint fk_incident_actions_incident_id_incidents foreign key(incident_id) references incidents (id) on delete cascade
);
create index ix_incident_actions_at on incident_actions (at, id);

create table polls (
    publication_id text not null,
    channel_id text not null,
    status text default 'live' not null,
    next_at timestamptz not null,
    looked_at timestamptz,
    count integer default 0 not null,
    lease_expires_at timestamptz,
    state jsonb default '{}'::jsonb not null,
    error text,
    constraint pk_polls primary key (publication_id),
    constraint ck_polls_status check (status in ('live', 'over')),
    constraint fk_polls_publication_id_publications foreign key(publication_id) references publications (id) on delete cascade,
    constraint fk_polls_channel_id_channels foreign key(channel_id) references channels (id)
);
create index ix_polls_due on polls (next_at) where status = 'live';
create index ix_polls_channel_id on polls (channel_id);

alter table channels add column held_until timestamptz;
alter table channels add column held_reason text;
alter table channels add constraint ck_channels_held_reason check ((held_until is null) = (held_reason is null));
