"""Changing who can see a publication in the local library: pulling it back to private, or showing it again."""
