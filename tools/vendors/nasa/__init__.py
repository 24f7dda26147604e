"""Pictures of the NASA Image and Video Library."""
