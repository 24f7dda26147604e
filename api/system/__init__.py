"""The system itself: queues, processes, findings, what waits."""
