"""Exchanging what a channel's owner answered for a lasting consent, and keeping it sealed; only workers that publish can."""
