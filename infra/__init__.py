"""What everything stands on: settings, errors, clock, ids, logging, database, queues, embedded services."""
