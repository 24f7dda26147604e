"""SQLAlchemy records, one noun a file."""
