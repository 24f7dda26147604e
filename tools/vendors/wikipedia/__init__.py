"""Wikipedia and Wikinews texts, and the most viewed articles."""
