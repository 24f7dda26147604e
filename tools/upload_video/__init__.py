"""Publishing to YouTube: each video exactly once, private first, released by a second call, every step committed before the next."""
