"""Where embedded services keep their sockets and binaries, and as whom they run."""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.errors import Forbidden

_LONGEST_BASE = 48  # a socket path must stay below 108 bytes, with room for the folder and file names we add
_FIRST_SERVICE_UID = 60_719  # between the ranges that distributions and systemd give to people and services
_SHARED_BINARIES = Path("/var/lib/ytempire")


def service_uid(data: Path) -> int:
    """Return the uid that the server of folder `data` runs as.

    That is the caller's own, except that root never runs Postgres: then it is the owner of existing data, or a uid that belongs to no account.
    """
    if os.geteuid() != 0:
        return os.geteuid()
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid
    return next(uid for uid in range(_FIRST_SERVICE_UID, _FIRST_SERVICE_UID + 100) if not _has_account(uid))


def account_uid(uid: int) -> int:
    """Return a uid with an account for `initdb`, which refuses to run without one."""
    return uid if _has_account(uid) else pwd.getpwnam("nobody").pw_uid


def _has_account(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def give_tree(folder: Path, uid: int) -> None:
    """Make `uid` the owner of a folder and all it holds, never following a link."""
    os.chown(folder, uid, uid, follow_symlinks=False)
    for parent, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            os.chown(os.path.join(parent, name), uid, uid, follow_symlinks=False)


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
    if not stat.S_ISDIR(found.st_mode) or (found.st_uid != uid and os.geteuid() not in {0, found.st_uid}):
        raise Forbidden(f"{folder} belongs to somebody else (uid {found.st_uid}); remove it or set XDG_RUNTIME_DIR to a folder of your own", folder=str(folder))
    if found.st_uid != uid:
        os.chown(folder, uid, uid, follow_symlinks=False)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
    return folder


def discard_runtime_folder(folder: Path) -> None:
    """Remove a runtime folder whose server has ended, with what it left there."""
    shutil.rmtree(folder, ignore_errors=True)


def _base() -> Path:
    as_root = os.geteuid() == 0
    # A dropped uid could not enter root's XDG_RUNTIME_DIR; /run is root's own and open to all.
    first = "/run" if as_root else os.environ.get("XDG_RUNTIME_DIR", "")  # noqa: TID251 - where the system keeps sockets, not a setting
    for name in (first, tempfile.gettempdir()):
        short = 0 < len(name) <= _LONGEST_BASE and not set(name) & set(", \"'@?%")
        if short and os.access(name, os.W_OK | os.X_OK) and (not as_root or can_reach(Path(name), None)):
            return Path(name)
    return Path("/tmp")  # noqa: S108 - the folder inside is ours alone, and checked  # nosec B108


def can_reach(folder: Path, uid: int | None) -> bool:
    """Say whether `uid` (None: anybody) may walk into `folder`, judged by owner and mode of every folder on the way."""
    real = folder.resolve()
    return all(_may_enter(part, uid) for part in [real, *real.parents])


def _may_enter(folder: Path, uid: int | None) -> bool:
    found = folder.stat()
    return bool(found.st_mode & (stat.S_IXUSR if found.st_uid == uid else stat.S_IXOTH))


@contextmanager
def path_for(folder: Path, uid: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield a path by which a child of `uid` can open `folder`, and the descriptors to hand to that child.

    When a parent folder is closed to `uid` (a home in /root), the child gets the open folder itself and finds it under /proc/self/fd,
    so that no parent has to be opened up.
    """
    if os.geteuid() != 0 or can_reach(folder.parent, uid):
        yield str(folder), ()
        return
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def reachable_install(package: Path, part: str, program: str, uid: int) -> Path:
    """Return the folder `part` of an installed package, or a copy of it that `uid` can run when a parent is closed to `uid`.

    `program` is a file in that folder that tells one version from another. The shared libraries that wheels keep beside their package come along,
    at the same relative place, where the programs look for them.
    """
    install = package / part
    if os.geteuid() != 0 or can_reach(install, uid):
        return install
    stamp = (install / program).stat()
    key = hashlib.sha256(f"{install}:{stamp.st_mtime_ns}:{stamp.st_size}".encode()).hexdigest()[:12]
    copy = _SHARED_BINARIES / f"{package.name}-{key}"
    if not copy.exists():
        _copy_install(package, part, copy)
    return copy / package.name / part


def _copy_install(package: Path, part: str, copy: Path) -> None:
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=copy.parent))
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name)
    shutil.copytree(package / part, fresh / package.name / part, ignore=shutil.ignore_patterns("include"))
    for folder in (fresh, fresh / package.name):
        folder.chmod(0o755)
    try:
        fresh.rename(copy)
    except OSError:  # another process finished the same copy first
        shutil.rmtree(fresh)
