"""What agents can do to the world: one verb_noun package each."""
