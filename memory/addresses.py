"""The operator's addresses: named by a digest everywhere but where they are used, since they hold secrets."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.ids import content_digest
from infra.settings import Settings

_DIGITS = 16
# Schemes whose host is a server's name; in others it may be a part of a secret.
_OPEN = frozenset({"mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms", "smtp", "smtps"})


@dataclass(frozen=True)
class Address:
    """One address; `url` holds its secrets, `digest` names it, and `label` is what people are shown."""

    digest: str
    label: str
    url: str


def addresses_of(settings: Settings) -> tuple[Address, ...]:
    """Return the addresses of YTEMPIRE_NOTIFY, in their order, each once."""
    urls = settings.notify.get_secret_value().split() if settings.notify is not None else []
    return tuple(_address(url) for url in dict.fromkeys(urls))


def _address(url: str) -> Address:
    digest = content_digest(url.encode())[:_DIGITS]
    return Address(digest, f"{_shown(url)} ({digest[:4]})", url)


def _shown(url: str) -> str:
    scheme = url.partition(":")[0].lower()
    if "://" not in url or not scheme.isalnum():
        return "unreadable"
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return f"{scheme} {host}".strip() if scheme in _OPEN else scheme
