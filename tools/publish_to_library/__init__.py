"""Publishing to the local library: a folder with watchable pages and a feed, each publication exactly once."""
