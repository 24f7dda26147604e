"""Forecast the next 48 hours of a topic's attention and say whether the forecast has skill."""
