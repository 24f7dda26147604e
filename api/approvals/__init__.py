"""Approvals: what waits for a person, with everything that speaks for and against it, and the one decision that each may have."""
