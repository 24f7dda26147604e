drop index ix_channels_tenant_created;
alter table channels drop column budget_day_microusd;
drop table webhook_nonces;
drop table idempotency_keys;
