"""How much a studio loses when its machine does: rows are written while backups are kept, everything is killed and the home deleted, then restored.

`lost_s` is what a recovery point objective limits (the last commit before the kill against the last one restored), `restore_s` what a recovery time
objective does (from the command until the restored database answers). The copy is all that is left: home and spool are gone.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg

from evals.chaos_home import Home
from infra.embedded.postgres import EmbeddedPostgres
from infra.errors import Unavailable
from infra.processes import environment

COMMAND = Path(sys.executable).parent / "ytempire"
_READY_WITHIN_S = 240.0
_PAUSE_S = 0.2
_MB = 1_000_000


def measure_restore(seconds: float, production: bool = False) -> dict[str, Any]:
    """Write rows for so many seconds beside a stack that keeps backups, lose everything but the place, restore; return the figures.

    With `production` a short video is made first, so that the home has the size of one that works.
    """
    with _scene() as (home, variables):
        if production:
            _run(variables, "produce", "--seconds", "10", "--json")
        with _up(variables):
            url, place = _admin_url(home), Path(variables["YTEMPIRE_BACKUP_TO"])
            _until(lambda: any(place.glob("*/backups/*/entry")), "the first backup")
            before, began = _spent(home), time.monotonic()
            written, last = _write_rows(url, seconds)
            share = (_spent(home) - before) / (time.monotonic() - began)
            _kill(home)
        shutil.rmtree(home.path)
        began = time.monotonic()
        told = json.loads(_run({**variables, "YTEMPIRE_HOME": str(home.path.with_name("nowhere"))}, "restore", "--into", str(home.path), "--json"))
        found, newest = _read_rows(home.path)
        return {
            "rows_written": written,
            "rows_restored": found,
            "lost_s": round(max(0.0, (last - newest).total_seconds()) if newest else seconds, 2),
            "restore_s": round(time.monotonic() - began, 2),
            "steps": told["steps"],
            "restored_mb": round(told["file_bytes"] / _MB, 1),
            "place_mb": round(sum(one.stat().st_size for one in place.rglob("*") if one.is_file()) / _MB, 1),
            "keeping_share_of_a_core": round(share, 4),
        }


@contextmanager
def _scene() -> Iterator[tuple[Home, dict[str, str]]]:
    with tempfile.TemporaryDirectory(prefix="ytempire-bench-restore-") as folder:
        root = Path(folder)
        root.chmod(0o711)
        variables = {
            "YTEMPIRE_HOME": str(root / "home"),
            "YTEMPIRE_NETWORK": "off",
            "YTEMPIRE_BACKUP_TO": str(root / "place"),
            "YTEMPIRE_BACKUP_KEY": str(root / "keys" / "backup.key"),
        }
        yield Home(root / "home"), variables


def _run(variables: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([COMMAND, *arguments], env=environment(**variables), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"ytempire {arguments[0]} failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return done.stdout


@contextmanager
def _up(variables: dict[str, str]) -> Iterator[None]:
    log = Path(variables["YTEMPIRE_HOME"]).with_name("up.log")
    with log.open("w") as told:
        stack = subprocess.Popen([COMMAND, "up", "--port", "0", "--json"], env=environment(**variables), stdout=told, stderr=told, start_new_session=True)
    try:
        yield
    finally:
        if stack.poll() is None:
            stack.terminate()
        stack.wait()


def _until(done: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + _READY_WITHIN_S
    while not done():
        if time.monotonic() > limit:
            raise Unavailable(f"{what} did not come within {_READY_WITHIN_S:.0f} s")
        time.sleep(_PAUSE_S)


def _admin_url(home: Home) -> str:
    note = home.path / "run" / "stack.json"
    _until(note.exists, "the stack")
    return str(json.loads(note.read_text())["database_admin"])


def _write_rows(url: str, seconds: float) -> tuple[int, datetime]:
    """Commit a row five times a second; return how many, and the moment of the last."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table bench_rows (at timestamptz not null default clock_timestamp(), filler text)")
        limit, count, last = time.monotonic() + seconds, 0, None
        while time.monotonic() < limit:
            row = connection.execute("insert into bench_rows (filler) values (repeat('x', 200)) returning at").fetchone()
            assert row is not None
            last, count = row[0], count + 1
            time.sleep(_PAUSE_S)
    assert last is not None
    return count, last


def _kill(home: Home) -> None:
    """Kill every process of the home at once, as a power cut does."""
    while found := [pid for pid, _ in home.processes()]:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.1)


def _read_rows(home: Path) -> tuple[int, datetime | None]:
    server = EmbeddedPostgres(home)
    try:
        with psycopg.connect(server.start().admin) as connection:
            row = connection.execute("select count(*), max(at) from bench_rows").fetchone()
    finally:
        server.stop()
    return (row[0], row[1]) if row is not None else (0, None)


def _spent(home: Home) -> float:
    """Return the processor time that keeping backups has taken so far: its process, the receiver of the log, and the server's side of that."""
    total = 0.0
    for pid, line in home.processes():
        if "api.backups" in line or "pg_receivewal" in line or "walsender" in line or "walsummarizer" in line:
            try:
                times = psutil.Process(pid).cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
    return total
