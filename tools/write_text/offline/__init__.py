"""The offline writer: a spoken script made of sentences of quotable passages, and nothing else."""
