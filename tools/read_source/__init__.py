"""Read a user's own file, folder or web page into a source document."""
