"""Where embedded services keep their sockets, and as whom they run."""

import hashlib
import os
import pwd
import stat
import tempfile
from pathlib import Path

from infra.errors import Forbidden

_LONGEST_BASE = 48  # a socket path must stay below 108 bytes, with room for the folder and file names we add


def runtime_folder(home: Path, service: str, uid: int) -> Path:
    """Return the short 0700 folder, owned by `uid`, that holds the socket of `service` for this home.

    Raises Forbidden when somebody else already owns the name.
    """
    digest = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
    folder = _base() / f"ytempire-{service}-{os.geteuid()}-{digest}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), uid}:
        raise Forbidden(f"{folder} belongs to somebody else (uid {found.st_uid}); remove it or set XDG_RUNTIME_DIR to a folder of your own", folder=str(folder))
    if found.st_uid != uid:
        os.chown(folder, uid, uid)
    folder.chmod(0o700)
    return folder


def _base() -> Path:
    candidates = [os.environ.get("XDG_RUNTIME_DIR", ""), "/run" if os.geteuid() == 0 else "", tempfile.gettempdir()]  # noqa: TID251 - where the system says
    for name in candidates:
        short = 0 < len(name) <= _LONGEST_BASE and "," not in name and " " not in name and '"' not in name
        if short and os.path.isdir(name) and os.access(name, os.W_OK | os.X_OK) and _open_to_others(Path(name)):
            return Path(name)
    return Path("/tmp")  # noqa: S108 - the folder inside is ours alone, and checked


def _open_to_others(folder: Path) -> bool:
    return os.geteuid() != 0 or can_reach(folder, service_uid())


def service_uid() -> int:
    """Return the uid that embedded Postgres runs as: the caller's own, or an unprivileged one when the caller is root."""
    return os.geteuid() or pwd.getpwnam("nobody").pw_uid


def can_reach(folder: Path, uid: int) -> bool:
    """Say whether `uid` may walk into `folder`, judged by the owner and mode of every folder on the way."""
    return all(_may_enter(part, uid) for part in [folder.resolve(), *folder.resolve().parents])


def _may_enter(folder: Path, uid: int) -> bool:
    found = folder.stat()
    return bool(found.st_mode & (stat.S_IXUSR if found.st_uid == uid else stat.S_IXOTH))
