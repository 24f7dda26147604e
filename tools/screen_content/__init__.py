"""Screening texts against policy, brand and injection rules that are data."""
