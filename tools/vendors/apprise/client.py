"""The only door to Apprise, which speaks to more than a hundred services; what it logs is read for the reason, and never shown as it is."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

import apprise

Outcome = Literal["sent", "refused", "later"]
_KINDS = {"info": apprise.NotifyType.INFO, "warning": apprise.NotifyType.WARNING, "critical": apprise.NotifyType.FAILURE}
_SMTP = re.compile(r"\(([245]\d\d),")
_HTTP = re.compile(r"error\s*[=:]\s*([1-5]\d\d)\b", re.IGNORECASE)
# Asked to wait, or too slow: the same request may work later.
_MAY_PASS = frozenset({408, 425, 429})
# Trouble with how the address speaks, not with whom it names.
_SMTP_MAY_PASS = frozenset({530, 535, 554})


@dataclass(frozen=True)
class Letter:
    """A message in plain text; `severity` is info, warning or critical."""

    subject: str
    body: str
    severity: str


@dataclass(frozen=True)
class Told:
    """What became of a letter: `sent`, `refused` for good, or `later`; `said` holds no part of the address."""

    outcome: Outcome
    said: str = ""


class Notifier(Protocol):
    """Sends letters to addresses."""

    def send(self, url: str, letter: Letter) -> Told:
        """Send one letter to one address; never raises for what the other side does."""
        ...


class AppriseNotifier:
    """The real client. Each attempt is one connection with the library's own socket timeouts (4 s, for mail 15 s); it tries nothing again."""

    def send(self, url: str, letter: Letter) -> Told:
        """Send one letter to one address."""
        with _listening() as heard:
            service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
            if service is None:
                return Told("refused", "the address is not one that Apprise understands; see its list of services")
            sent = bool(service.notify(title=letter.subject, body=letter.body, notify_type=_KINDS[letter.severity]))
        return Told("sent") if sent else _judged(str(service.service_name), heard)


def understands(url: str) -> bool:
    """Whether an address is one that the library could send to; nothing is sent."""
    with _listening():
        return apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None


def _judged(service: str, heard: list[str]) -> Told:
    """Return what a failure means, by the other side's own code: a name it does not know stays unknown, a server that is down comes back."""
    text = "\n".join(heard)
    smtp = [int(code) for code in _SMTP.findall(text)]
    http = [int(code) for code in _HTTP.findall(text)]
    if smtp:
        final = smtp[-1] >= 500 and smtp[-1] not in _SMTP_MAY_PASS
        return Told("refused" if final else "later", f"{service}: the mail server answered {smtp[-1]}")
    if http:
        final = 400 <= http[-1] < 500 and http[-1] not in _MAY_PASS
        return Told("refused" if final else "later", f"{service}: the server answered {http[-1]}")
    return Told("later", f"{service}: no answer, or the connection broke")


class _Ear(logging.Handler):
    """Keeps what was logged, in memory only."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self._heard.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Yield the lines that the library logs in the block; they reach nobody else, since they may hold addresses."""
    heard: list[str] = []
    logger, ear = logging.getLogger("apprise"), _Ear(heard)
    level, passes_on = logger.level, logger.propagate
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield heard
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
        logger.propagate = passes_on
