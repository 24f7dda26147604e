"""Pixabay: stock photographs under its own licence, with a key."""
