"""The simulator: the real graphs, kernel, repositories and Postgres under a virtual clock, in one process, replayable from a seed."""
