"""Find quotable documents about a topic."""
