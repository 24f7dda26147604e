"""Runs: how videos are made, one production each."""
