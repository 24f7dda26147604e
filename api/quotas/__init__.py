"""Quotas: what the platform lets the studio do today."""
