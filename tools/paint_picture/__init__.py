"""Painting a picture for a sentence with a text-to-image model on this machine."""
