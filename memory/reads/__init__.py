"""Compact reads for the service: statements whose rows are JSON already, for what is asked often."""
