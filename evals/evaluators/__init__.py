"""Evaluators, each named for the mistake it catches: deterministic, true when the mistake was not made."""
