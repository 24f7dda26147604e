drop table stripe_events;
drop table subscriptions;
drop sequence stripe_askings;
drop table stripe_customers;
alter table tenants drop column billed;
