"""Settings: what the studio runs by, and what of it may be changed while it runs."""
