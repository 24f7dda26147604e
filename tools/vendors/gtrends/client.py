"""Google Trends' public RSS of trending searches; used only when the operator accepted Google's terms."""

import re

from infra.errors import Forbidden
from infra.settings import Settings
from tools.vendors.feeds.client import FeedAnswer, FeedReader

TERMS_URL = "https://policies.google.com/terms"

_TRAFFIC = re.compile(r"([\d.,]+)\s*([KkMm]?)\s*\+?")
_TIMES = {"": 1.0, "k": 1e3, "m": 1e6}


class TrendsTermsNotAccepted(Forbidden):
    """The operator has not accepted this service's terms, so it is not asked."""

    code = "terms_not_accepted"


class GoogleTrendsClient:
    """Reads the feed of trending searches of a country."""

    def __init__(self, settings: Settings, reader: FeedReader) -> None:
        self._accepted = settings.accept_gtrends_terms
        self._reader = reader

    def read(self, url: str, etag: str = "", last_modified: str = "", total_s: float | None = None) -> FeedAnswer:
        """Fetch and parse the feed; raises `TrendsTermsNotAccepted` unless YTEMPIRE_ACCEPT_GTRENDS_TERMS is set."""
        if not self._accepted:
            raise TrendsTermsNotAccepted(f"google trends is off: read {TERMS_URL} and set YTEMPIRE_ACCEPT_GTRENDS_TERMS=true to use it")
        return self._reader.read(url, etag, last_modified, total_s)


def approximate_traffic(text: str) -> float | None:
    """Return the number behind `ht:approx_traffic` such as `200K+` or `1,000+`, or None."""
    match = _TRAFFIC.search(text)
    if match is None:
        return None
    try:
        return float(match.group(1).replace(",", "")) * _TIMES[match.group(2).lower()]
    except ValueError:
        return None
