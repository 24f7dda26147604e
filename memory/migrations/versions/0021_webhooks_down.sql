drop trigger events_posted on events;
drop function post_event();
drop table webhook_deliveries;
drop table webhook_endpoints;
