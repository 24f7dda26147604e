"""Costs: what was spent, on what, by whom, and what may be spent."""
