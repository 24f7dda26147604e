"""Whoever asks: account, password, sessions, tokens and tickets."""
