"""Openly licensed pictures found by Openverse."""
