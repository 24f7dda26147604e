"""What the studio remembers: search by meaning, lessons, changes of personalities, and forgetting."""
