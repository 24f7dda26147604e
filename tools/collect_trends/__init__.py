"""Collect sightings of stories from many sources at once."""
