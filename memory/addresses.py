"""The operator's addresses: named by a digest everywhere but where they are used, since they hold secrets."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from infra.ids import content_digest
from infra.settings import Settings

_DIGITS = 16
# Schemes whose host is a server's name; in others it may be a part of a secret.
# A plain mail address, also written `mailto:ada@example.org`: it goes through the mail server of YTEMPIRE_NOTIFY.
_PLAIN = re.compile(r"(?:mailto:)?([^\s@:/?&=]{1,64}@[^\s@:/?&=]{1,190}\.[^\s@:/?&=.]{2,63})")
_MAIL = ("mailto://", "mailtos://")
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


def report_addresses(given: Iterable[str], settings: Settings) -> tuple[Address, ...]:
    """Return the addresses of one run's reports, each once; a plain mail address without a mail server in YTEMPIRE_NOTIFY is left out."""
    found = [_mailed(plain, settings) if (plain := plain_mail(one)) else _address(one) for one in dict.fromkeys(given)]
    return tuple({one.digest: one for one in found if one is not None}.values())


def plain_mail(given: str) -> str | None:
    """Return the mail address that is meant, where it is given without a server; None for an address of any other kind."""
    found = _PLAIN.fullmatch(given.strip())
    return found.group(1) if found else None


def mail_server(settings: Settings) -> str | None:
    """Return the address in YTEMPIRE_NOTIFY through whose server plain mail addresses are reached, if there is one."""
    return next((one.url for one in addresses_of(settings) if one.url.lower().startswith(_MAIL)), None)


def _mailed(plain: str, settings: Settings) -> Address | None:
    server = mail_server(settings)
    if server is None:
        return None
    parts = urlsplit(server)
    # Whom the server's own address names is somebody else, also where it stands in the path.
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name.lower() not in {"to", "cc", "bcc"}]
    url = urlunsplit((parts.scheme, parts.netloc, "", urlencode([*query, ("to", plain)]), ""))
    return Address(content_digest(plain.encode())[:_DIGITS], plain, url)


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
