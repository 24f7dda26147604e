"""Uploads: files that tasks are made from."""
