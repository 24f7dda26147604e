"""Tests mirror the packages; they use the real embedded Postgres and Redis."""
