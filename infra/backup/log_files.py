"""Names of the files of PostgreSQL's write-ahead log: `pg_receivewal` writes them, restoring asks for them in order."""

import re

SEGMENT = re.compile(r"^[0-9A-F]{24}$")
HISTORY = re.compile(r"^[0-9A-F]{8}\.history$")
PARTIAL = ".partial"


def segment_of(timeline: int, position: int, segment_bytes: int) -> str:
    """Return the name of the segment that holds a position of the log."""
    return _name(timeline, position // segment_bytes, segment_bytes)


def next_segment(name: str, segment_bytes: int) -> str:
    """Return the segment after this one."""
    per_file = 0x1_0000_0000 // segment_bytes
    return _name(int(name[:8], 16), int(name[8:16], 16) * per_file + int(name[16:], 16) + 1, segment_bytes)


def _name(timeline: int, number: int, segment_bytes: int) -> str:
    per_file = 0x1_0000_0000 // segment_bytes
    return f"{timeline:08X}{number // per_file:08X}{number % per_file:08X}"
