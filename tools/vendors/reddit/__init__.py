"""Reddit listings by their RSS face; off until its terms are accepted."""
