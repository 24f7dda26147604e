"""One task per agent: a stored case in, the real agent run on it, what it decided out."""
