"""Incidents: what went wrong, what was done about it, and taking it back."""
