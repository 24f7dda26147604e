"""Switches: what is stopped, by whom and why."""
