"""Dead letters: jobs that ended without a result and wait for somebody to look."""
