"""Autonomous runs: a fleet of channels for hours or days, and the publications that they plan."""
