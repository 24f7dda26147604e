"""Sending one queued message to one address of the operator."""
