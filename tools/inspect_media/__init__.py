"""Inspect a video file: every check of the media gate, with what was measured."""
