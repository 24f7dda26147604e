"""Identity: who signs in, what they prove it with, and what each may do."""
