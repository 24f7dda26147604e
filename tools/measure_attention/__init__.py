"""The daily readership of the Wikipedia article that a story is about."""
