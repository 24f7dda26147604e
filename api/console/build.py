"""Builds the console when its sources changed: `python -m api.console.build`. A build that is there stays in use until the next one is whole."""

import fcntl
import gzip
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.console.folder import BUILT, SOURCES, STAMP, digest_of, made_of
from api.console.node import Node, find_node
from infra.errors import StudioError, Unavailable

# What is worth sending packed; films and fonts are packed already.
_PACKED = (".js", ".css", ".html", ".svg", ".json")
_LEAST_PACKED = 1024


class BuildFailed(Unavailable):
    """The console could not be built."""

    code = "console_build_failed"


def build(sources: Path = SOURCES, built: Path = BUILT) -> bool:
    """Build what changed and return whether anything had; raises BuildFailed and NodeMissing. Two at once take turns."""
    if not (sources / "package.json").is_file():
        raise BuildFailed(f"ui: {sources} has no sources of the console; it is built in a checkout of the project")
    with turn(sources):
        wanted = digest_of(sources)
        if made_of(built) == wanted:
            return False
        node = find_node(sources.parent)
        install(node, sources)
        fresh = sources / "node_modules" / ".console"
        _run(node, sources, "run", "--silent", "build", "--", "--outDir", str(fresh), "--emptyOutDir")
        _pack(fresh)
        (fresh / STAMP).write_text(wanted, "utf-8")
        _put_in_place(fresh, built)
        return True


def install(node: Node, sources: Path) -> None:
    """Install exactly the packages of the lock file, unless these are there."""
    lock, mark = (sources / "package-lock.json").read_bytes(), sources / "node_modules" / ".installed"
    if mark.is_file() and mark.read_bytes() == lock:
        return
    sys.stderr.write("Installing what the console is built with (once)...\n")
    _run(node, sources, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    mark.write_bytes(lock)


def _run(node: Node, sources: Path, *arguments: str) -> None:
    done = subprocess.run(node.runs(*arguments), cwd=sources, check=False, capture_output=True, text=True)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise BuildFailed(f"npm {arguments[0]}: it failed (exit {done.returncode}) and said:\n{last}")


def _pack(folder: Path) -> None:
    """Put a packed copy beside every file that shrinks, so that serving packs nothing."""
    for path in folder.rglob("*"):
        if path.suffix in _PACKED and path.stat().st_size >= _LEAST_PACKED:
            Path(f"{path}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def _put_in_place(fresh: Path, built: Path) -> None:
    """Swap the builds: a server never sees half of one. Pages that are open load anew when a part of theirs is gone."""
    gone = fresh.with_name(".console-before")
    shutil.rmtree(gone, ignore_errors=True)
    if built.exists():
        built.rename(gone)
    fresh.rename(built)
    shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def turn(sources: Path) -> Iterator[None]:
    """Hold the console's folder: others who would install or build in it wait."""
    with (sources / ".build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Build; a failure is one line with what to do, and the service runs without the console."""
    try:
        made = build()
    except StudioError as error:
        sys.stderr.write(f"The console was not built: {error.message}\n")
        return 1
    if made:
        sys.stderr.write("The console is built.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
