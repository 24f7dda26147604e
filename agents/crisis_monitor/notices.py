"""What somebody wrote to us about our videos: a mail or a plain text, read as data, and the sign that it is."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Literal

from agents.crisis_monitor.schemas import Severity, Sign, SignKind
from agents.crisis_monitor.tone import plain
from infra.errors import Invalid
from infra.ids import content_digest

NoticeKind = Literal["claim", "strike", "takedown", "policy", "consent", "correction", "other"]
MAX_BYTES = 2_000_000
_MAX_TEXT = 20_000
# How sure it is that the platform wrote it: a mail whose sender nobody vouches for, one that our own mail server checked, one that a person hands in.
ANYBODY, CHECKED, HANDED_IN = 0.5, 0.9, 0.95
_PLATFORM = ("youtube.com", "google.com")
_VIDEO = re.compile(r"(?:youtu\.be/|[?&]v=|/shorts/|/video/|video id:?\s*)([\w-]{6,24})(?![\w-])", re.IGNORECASE)
_CHANNEL = re.compile(r"\b(UC[\w-]{22})\b")
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]{0,2000}>", re.IGNORECASE | re.DOTALL)


class NoticeRefused(Invalid):
    """The notice is too large, empty, or cannot be read as a mail or a text."""

    code = "notice_refused"


@dataclass(frozen=True)
class ReadNotice:
    """A notice as it was read: `confidence` says how sure it is that the platform wrote it, `authenticated` by what."""

    key: str
    kind: NoticeKind
    confidence: float
    body: str
    subject: str = ""
    sender: str = ""
    authenticated: str = ""
    said_at: datetime | None = None
    videos: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Kind:
    kind: NoticeKind
    sign: SignKind
    severity: Severity
    reason: str
    patterns: tuple[re.Pattern[str], ...] = field(default=())


def read_mail(raw: bytes, trusted: str = "") -> ReadNotice:
    """Read a mail; raises NoticeRefused. `trusted` is the name under which our own mail server signs its Authentication-Results."""
    _ensure_size(raw)
    try:
        mail = message_from_bytes(raw, policy=default)
        subject, sender = str(mail.get("subject", "")), parseaddr(str(mail.get("from", "")))[1].lower()
        body, said_at = _body(mail), _date(str(mail.get("date", "")))
    except (MessageError, ValueError, LookupError, AttributeError, IndexError, TypeError) as error:
        raise NoticeRefused(f"mail: cannot be read ({error}); hand its text in with `ytempire notices add`") from error
    if not sender:
        raise NoticeRefused("mail: it has no From; hand its text in with `ytempire notices add`")
    vouched = _vouched(mail, sender, trusted)
    return _notice(subject, body, sender=sender, said_at=said_at, authenticated=vouched, confidence=CHECKED if vouched else ANYBODY)


def read_text(raw: bytes, by: str) -> ReadNotice:
    """Read a text that a person, or a signed request, hands in; a mail is read as one. Raises NoticeRefused."""
    _ensure_size(raw)
    if re.match(rb"(?is)\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n", raw) and re.search(rb"(?im)^from:", raw):
        read = read_mail(raw)
        return ReadNotice(**{**vars(read), "confidence": HANDED_IN, "authenticated": by})
    text = raw.decode("utf-8", errors="replace")
    first, _, _ = text.strip().partition("\n")
    return _notice(first[:200], text, sender="", said_at=None, authenticated=by, confidence=HANDED_IN)


def sign_of(kind: str, confidence: float, authenticated: str) -> Sign | None:
    """Return what a notice is a sign of; None for one of another kind, which is only filed."""
    known = next((one for one in _kinds() if one.kind == kind), None)
    if known is None:
        return None
    reason = f"{known.reason} ({f'vouched for by {authenticated}' if authenticated else 'anybody may have written it'})"
    return Sign(kind=known.sign, severity=known.severity, confidence=confidence, reason=reason)


def kind_of(text: str) -> NoticeKind:
    """Return what kind of notice a text is."""
    bare = plain(text[:_MAX_TEXT]).replace("'", "")
    return next((one.kind for one in _kinds() if any(pattern.search(bare) for pattern in one.patterns)), "other")


def _notice(subject: str, body: str, **about: object) -> ReadNotice:
    text = body.strip()[:_MAX_TEXT]
    if not text and not subject.strip():
        raise NoticeRefused("notice: it is empty")
    whole = f"{subject}\n{text}"
    key = content_digest("\x00".join((str(about["sender"]), subject, str(about["said_at"]), text)).encode("utf-8", "replace"))
    told = {"videos": _found(_VIDEO, whole), "channels": _found(_CHANNEL, whole)}
    return ReadNotice(key=key, kind=kind_of(whole), subject=" ".join(subject.split())[:500], body=text, **about, **told)  # type: ignore[arg-type]


def _found(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pattern.findall(text)))[:5]


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    content = str(part.get_content())
    return unescape(_MARKUP.sub(" ", content)) if part.get_content_type() == "text/html" else content


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _vouched(mail: EmailMessage, sender: str, trusted: str) -> str:
    """Return what vouches for the sender: the newest Authentication-Results, when our own server wrote it and it found the platform's signature.

    Further down, anybody may have written what they like (RFC 8601, section 5).
    """
    results: Sequence[object] = mail.get_all("authentication-results") or ()
    if not trusted or not results or not _of_platform(sender.rpartition("@")[2]):
        return ""
    server, _, found = str(results[0]).partition(";")
    if server.split()[:1] != [trusted]:
        return ""
    passed = (part.strip().lower() for part in found.split(";"))
    for part in passed:
        name = re.search(r"header\.(?:from|d|i)=@?([\w.-]+)", part)
        if part.startswith(("dmarc=pass", "dkim=pass")) and name and _of_platform(name.group(1)):
            return f"{trusted}: {part.split()[0]} {name.group(1)}"
    return ""


def _of_platform(domain: str) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in _PLATFORM)


def _ensure_size(raw: bytes) -> None:
    if len(raw) > MAX_BYTES:
        raise NoticeRefused(f"notice: has {len(raw)} bytes, at most {MAX_BYTES} are read; hand in its text without attachments")


@cache
def _kinds() -> tuple[_Kind, ...]:
    data = tomllib.loads((files("agents.crisis_monitor") / "notices.toml").read_text("utf-8"))
    return tuple(
        _Kind(one["kind"], one["sign"], one["severity"], one["reason"], tuple(re.compile(pattern) for pattern in one["patterns"])) for one in data["kinds"]
    )
