"""Trends: the topics that the studio follows and what is expected of them."""
