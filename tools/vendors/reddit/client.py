"""Reddit's public listings as Atom (`.rss`); used only when the operator accepted Reddit's terms."""

from infra.errors import Forbidden
from infra.settings import Settings
from tools.vendors.feeds.client import FeedAnswer, FeedReader

TERMS_URL = "https://redditinc.com/policies/data-api-terms"


class TermsNotAccepted(Forbidden):
    """The operator has not accepted this service's terms, so it is not asked."""

    code = "terms_not_accepted"


class RedditClient:
    """Reads a listing such as https://www.reddit.com/r/science/top/.rss?t=day."""

    def __init__(self, settings: Settings, reader: FeedReader) -> None:
        self._accepted = settings.accept_reddit_terms
        self._reader = reader

    def read(self, url: str, etag: str = "", last_modified: str = "", total_s: float | None = None) -> FeedAnswer:
        """Fetch and parse the listing; raises `TermsNotAccepted` unless YTEMPIRE_ACCEPT_REDDIT_TERMS is set."""
        if not self._accepted:
            raise TermsNotAccepted(f"reddit is off: read {TERMS_URL} and set YTEMPIRE_ACCEPT_REDDIT_TERMS=true to use it")
        return self._reader.read(url, etag, last_modified, total_s)
