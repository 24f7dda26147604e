"""People of the studio: let in, given a role, and let out."""
