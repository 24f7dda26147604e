"""Structured logs: one JSON object a line on stderr, events named `noun.verb_past`."""

import io
import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

from infra.plain_structlog import structlog


class _Unfailing(io.TextIOBase):
    """A stream that drops what cannot be written: a process must outlive its log, above all the supervisor when the log's disk is full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, words: str) -> int:
        """Write, or drop what has no room."""
        with suppress(OSError):
            self._stream.write(words)
        return len(words)

    def flush(self) -> None:
        """Write what is held back, or drop it."""
        with suppress(OSError):
            self._stream.flush()


def configure_logging(level: str = "INFO") -> None:
    """Send structured logs of this process to stderr at `level`."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Unfailing(sys.stderr))),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger bound to the component's name."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(component=name)
    return logger
