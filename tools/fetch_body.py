"""Reading a response body within limits: decoded bytes, growth of compressed bytes, and time."""

import zlib
from collections.abc import Callable, Iterable

import httpx2

from infra.clock import Clock
from infra.errors import Invalid, Unavailable
from tools.fetch_guard import SourceUnreachable

_STEP = 1 << 16
_GRACE_BYTES = 1 << 20


class BodyTooLarge(Invalid):
    """The answer is larger than the limit, counted after decompression."""

    code = "body_too_large"


class CompressionBomb(Invalid):
    """The answer grows so much on decompression that it must be hostile."""

    code = "compression_bomb"


class BodyUnreadable(Unavailable):
    """The answer's content coding is unknown or its bytes are damaged."""

    code = "body_unreadable"
    retryable = False


def read_body(response: httpx2.Response, clock: Clock, deadline: float, max_bytes: int, max_ratio: float) -> bytes:
    """Return the decoded body of a streaming response.

    `deadline` is on the clock's monotonic scale, `max_bytes` counts decoded bytes, `max_ratio` bounds decoded over received
    bytes beyond the first mebibyte. Decoding is done here, in bounded steps, because a general decoder inflates each
    received block whole before anyone can look at its size.
    """
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise BodyTooLarge(f"body: {declared} bytes announced, the limit is {max_bytes}", limit=max_bytes)
    received = _Received(max_bytes, max_ratio)
    decode = _decoder(response.headers.get("content-encoding", ""))
    # Without a block size each piece is seen as it arrives, so that a dripping host meets the deadline.
    for block in response.iter_raw():
        if clock.monotonic() > deadline:
            raise SourceUnreachable("body: the answer came too slowly and was given up")
        received.raw += len(block)
        received.take(decode(block))
    received.take(decode(None))
    return bytes(received.body)


class _Received:
    """The bytes so far and their limits."""

    def __init__(self, max_bytes: int, max_ratio: float) -> None:
        self.body = bytearray()
        self.raw = 0
        self._max_bytes = max_bytes
        self._max_ratio = max_ratio

    def take(self, pieces: Iterable[bytes]) -> None:
        """Add decoded pieces, refusing at the first one that breaks a limit."""
        for piece in pieces:
            self.body += piece
            if len(self.body) > self._max_bytes:
                raise BodyTooLarge(f"body: more than the limit of {self._max_bytes} bytes after decoding", limit=self._max_bytes)
            if len(self.body) > _GRACE_BYTES and len(self.body) > self.raw * self._max_ratio:
                raise CompressionBomb(f"body: {self.raw} bytes grew to over {len(self.body)}; more than {self._max_ratio:g} times is refused")


class _Inflater:
    """Decodes gzip or deflate in steps of at most 64 KiB."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._engine = zlib.decompressobj(zlib.MAX_WBITS | 16 if coding == "gzip" else zlib.MAX_WBITS)
        self._fresh = True

    def __call__(self, block: bytes | None) -> Iterable[bytes]:
        """Yield decoded pieces of `block`; None marks the end of the body."""
        if block is None:
            yield self._call_engine(b"", last=True)
            return
        pending = block
        while pending and not self._engine.eof:
            yield self._call_engine(pending)
            pending = self._engine.unconsumed_tail

    def _call_engine(self, data: bytes, last: bool = False) -> bytes:
        try:
            piece = self._engine.flush(_STEP) if last else self._engine.decompress(data, _STEP)
        except zlib.error as error:
            if self._coding == "deflate" and self._fresh:
                self._engine, self._fresh = zlib.decompressobj(-zlib.MAX_WBITS), False
                return self._call_engine(data, last)
            raise BodyUnreadable(f"body: damaged {self._coding} data ({error})") from error
        self._fresh = False
        return piece


def _plain(block: bytes | None) -> Iterable[bytes]:
    return () if block is None else (block,)


def _decoder(coding: str) -> Callable[[bytes | None], Iterable[bytes]]:
    name = coding.strip().lower()
    if name in {"", "identity"}:
        return _plain
    if name in {"gzip", "x-gzip", "deflate"}:
        return _Inflater("gzip" if "gzip" in name else "deflate")
    raise BodyUnreadable(f"body: content coding {coding[:40]!r} was not asked for and is not read")
