"""Composes three thumbnails from three concepts, measures each, and ranks them by named heuristics."""
