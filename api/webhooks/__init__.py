"""Webhooks: what other programs send here, signed."""
