"""Whether the service lives, whether it can work, and what it counts."""
