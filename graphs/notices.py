"""The door for notices: mails in the home's inbox, and what a person or a signed request hands in."""

from collections.abc import Callable
from pathlib import Path

from agents.crisis_monitor.notices import NoticeRefused, ReadNotice, read_mail, read_text
from infra.database import Database
from infra.log import get_logger
from infra.settings import Settings
from memory.records.notices import NoticeRecord
from memory.repositories.notices import NewNotice, NoticeRepository
from memory.repositories.platform_channels import PlatformChannelRepository

MOST_AT_ONCE = 20
NOTICE_FILED, MAIL_REFUSED = "notice.filed", "mail.refused"
_log = get_logger("notices")


def inbox_of(settings: Settings) -> Path:
    """Return the folder that mails are delivered to: a maildir, or plain `.eml` files."""
    return settings.home / "inbox"


def take_in(database: Database, settings: Settings) -> int:
    """File the mails that lie in the inbox, each once, and move them to `cur`; one that cannot be read goes to `refused`. Returns how many were filed.

    A mail is moved after its row is committed: one whose process died in between is met again under the same key, which changes nothing.
    """
    inbox = inbox_of(settings)
    if not inbox.is_dir():
        return 0
    filed = 0
    for path in _waiting(inbox)[:MOST_AT_ONCE]:
        try:
            filed += hand_in(database, "mail", lambda one=path: read_mail(one.read_bytes(), settings.mail_authserv))[1]  # type: ignore[misc]
        except NoticeRefused as error:
            _log.warning(MAIL_REFUSED, file=path.name, error=error.message)
            _move(path, inbox / "refused")
        except FileNotFoundError:
            continue  # another process was quicker
        else:
            _move(path, inbox / "cur")
    return filed


def hand_in(database: Database, source: str, read: Callable[[], ReadNotice], channel_id: str | None = None) -> tuple[NoticeRecord, bool]:
    """File one notice and return its row and whether it is new; raises NoticeRefused."""
    notice = read()
    with database.unit_of_work() as session:
        row, fresh = NoticeRepository(session).file(
            NewNotice(
                key=f"notice:{notice.key}",
                source=source,
                kind=notice.kind,
                confidence=notice.confidence,
                body=notice.body,
                subject=notice.subject,
                sender=notice.sender,
                authenticated=notice.authenticated,
                said_at=notice.said_at,
                channel_id=channel_id or _channel_of(PlatformChannelRepository(session), notice),
                external_id=notice.videos[0] if notice.videos else None,
            )
        )
        session.expunge(row)
    if fresh:
        _log.info(NOTICE_FILED, notice=row.id, kind=row.kind, source=source, confidence=row.confidence)
    return row, fresh


def hand_in_text(database: Database, raw: bytes, source: str, by: str, channel_id: str | None = None) -> tuple[NoticeRecord, bool]:
    """File what a person hands in, or a request whose signature was checked; `by` is who vouches for it."""
    return hand_in(database, source, lambda: read_text(raw, by), channel_id)


def _channel_of(channels: PlatformChannelRepository, notice: ReadNotice) -> str | None:
    return next((one.channel_id for one in channels.list_() if one.external_id in notice.channels), None)


def _waiting(inbox: Path) -> list[Path]:
    delivered = inbox / "new"
    found = [*inbox.glob("*.eml"), *(delivered.iterdir() if delivered.is_dir() else ())]
    return sorted(path for path in found if path.is_file() and not path.is_symlink() and not path.name.startswith("."))


def _move(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path.rename(folder / path.name)
