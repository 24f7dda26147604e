"""The six agents, each a typed function from Input to Output."""
