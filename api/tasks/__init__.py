"""Tasks: what people and programs give the studio to do."""
