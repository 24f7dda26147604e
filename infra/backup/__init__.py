"""Backups of a home: the database with its log, media, library and configuration, sealed and kept at a place off the home's volume."""
