"""Stored snapshots, one file of cases per agent: from the demo corpus and from inputs written for the purpose."""
