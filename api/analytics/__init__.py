"""Analytics: what platforms told about channels and videos, with the age of every figure."""
