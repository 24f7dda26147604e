"""The reference line: the last line of every description, by which a video is recognised again."""

from infra.ids import content_digest

REFERENCE_PREFIX = "Reference: "
REFERENCE_DIGITS = 20
# With the empty line before it; of the 5000 bytes there are.
REFERENCE_BYTES = len(f"\n\n{REFERENCE_PREFIX}") + REFERENCE_DIGITS


def reference_of(key: str) -> str:
    """Return the digits that stand for a publication's key."""
    return content_digest(f"publication {key}".encode())[:REFERENCE_DIGITS]
