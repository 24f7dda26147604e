"""Payments: which plan counts, how much of it is used, and the pages on which it is paid for."""
