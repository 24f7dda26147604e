"""RSS and Atom feeds of any publisher."""
