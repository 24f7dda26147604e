"""Google Trends by its RSS face; off until its terms are accepted."""
