"""Where events are sent, and what came of each."""
