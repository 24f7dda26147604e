"""Channels: what the studio runs, each with a personality and a degree of human control."""
