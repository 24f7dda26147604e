"""Accounts: the channels of platforms that the studio publishes to."""
