"""A sign of life for the outside: a file whose time moves and a request to an address, both of which stop when their sender can no longer vouch."""

import json
from collections.abc import Mapping
from pathlib import Path

import httpx

from infra.clock import SYSTEM_CLOCK, Clock
from infra.files import write_private
from infra.log import get_logger

SIGNAL_REFUSED = "signal.refused"
_WITHIN_S = 5.0
_LONGEST_BODY = 10_000
_log = get_logger("deadman")


class DeadManSignal:
    """Sent while all is watched over; a receiver that misses it, such as one of healthchecks.io or a monitor of the file's age, raises the alarm.

    `url` gets a POST with a summary as JSON, at most once in `every_s` seconds; the file is written each time. Neither needs the studio's database.
    """

    def __init__(self, file: Path, url: str | None, every_s: float = 60.0, clock: Clock = SYSTEM_CLOCK) -> None:
        self._file = file
        self._url = url
        self._every_s = every_s
        self._clock = clock
        self._sent_at = float("-inf")
        self.refused = ""

    def send(self, summary: Mapping[str, object]) -> bool:
        """Give the sign; returns whether the address was asked and took it. An address that does not is told in `refused` and asked again next time."""
        body = json.dumps({"at": self._clock.now().isoformat(), **summary}, ensure_ascii=False)[:_LONGEST_BODY]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_private(self._file, body + "\n")
        now = self._clock.monotonic()
        if self._url is None or now - self._sent_at < self._every_s:
            return False
        self.refused = self._post(self._url, body)
        if self.refused:
            _log.warning(SIGNAL_REFUSED, why=self.refused)
            return False
        self._sent_at = now
        return True

    def _post(self, url: str, body: str) -> str:
        try:
            answer = httpx.post(url, content=body, headers={"content-type": "application/json"}, timeout=_WITHIN_S)
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"
        return "" if answer.is_success else f"it answered {answer.status_code}"
