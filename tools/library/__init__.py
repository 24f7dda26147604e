"""The local library that tools share: its entries on disk, and the pages and feed made from them. Not a tool itself."""
