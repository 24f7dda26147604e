"""The Hacker News front page."""
