"""Asking a provider the cheapest real question there is: does the key work, is the model there, is anything left to spend."""
