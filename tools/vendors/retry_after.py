"""How long a server asks to be left alone: Retry-After in seconds, milliseconds or as a date."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from infra.clock import SYSTEM_CLOCK, Clock


def retry_after_s(headers: Mapping[str, str], clock: Clock = SYSTEM_CLOCK) -> float | None:
    """Return the seconds to wait, never negative, or None when the server named none.

    Source: RFC 9110 section 10.2.3; `retry-after-ms` is what language providers add for waits below a second.
    """
    milliseconds, seconds = headers.get("retry-after-ms"), headers.get("retry-after")
    for text, unit in ((milliseconds, 0.001), (seconds, 1.0)):
        if text:
            try:
                return max(0.0, float(text) * unit)
            except ValueError:
                continue
    if not seconds:
        return None
    try:
        named = parsedate_to_datetime(seconds)
    except ValueError:
        return None
    return max(0.0, ((named if named.tzinfo else named.replace(tzinfo=UTC)) - clock.now()).total_seconds())
