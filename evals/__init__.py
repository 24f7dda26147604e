"""Agent evals, benchmarks and their gates."""
