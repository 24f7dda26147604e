"""Stripe: who pays for which plan."""
