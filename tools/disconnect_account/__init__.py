"""Withdrawing a consent at the platform, and forgetting it and what was read through it; only workers that publish can."""
