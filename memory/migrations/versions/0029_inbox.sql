-- Null: asked before risks were counted, or nobody could read what it is about.
alter table approvals add column risks integer constraint risks check (risks >= 0);
alter table approvals add column due_at timestamptz;
