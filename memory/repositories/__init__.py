"""Repositories: the statements of one noun each; they never commit."""
