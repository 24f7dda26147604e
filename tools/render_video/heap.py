"""Giving memory back: the C library keeps what was freed, and a renderer frees whole pictures (glibc; elsewhere nothing happens)."""

import ctypes

_LIBC = ctypes.CDLL(None)
_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 1 << 20


def return_large_blocks() -> None:
    """Let every block of a megabyte or more go back to the system when it is freed; frames are drawn into kept buffers, so this costs little."""
    mallopt = getattr(_LIBC, "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def trim() -> None:
    """Give back now what has been freed."""
    malloc_trim = getattr(_LIBC, "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
