"""Videos: what was made and where it stands, its files and its script, and what people change about it."""
