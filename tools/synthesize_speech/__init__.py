"""Read sentences aloud: one voice track, with the time of every displayed word."""
