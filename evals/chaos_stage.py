"""The stand-ins under chaos: one process that is never killed, whose faults hold a request for a strike, and whose record is the oracle."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from evals.chaos_points import Effect, Moment, Point
from infra.clock import SYSTEM_CLOCK
from infra.processes import environment
from tools.vendors.youtube.sandbox_stage import staged_account

COMMAND = Path(sys.executable).parent / "ytempire"
CHANNEL = "field-notes"
# Long enough to find and kill a process on a busy machine, while the request waits.
HELD_S = 3.0
# Several chunks an upload, so that strikes fall between them.
_CHUNK_BYTES = 1_048_576
_WORKER_HOLDS: dict[Moment, str] = {"before": "drop", "inside": "delay", "after": "late"}
_HOLDS: dict[Moment, str] = {"before": "delay", "inside": "delay", "after": "late"}
_CUTS: dict[Moment, str] = {"before": "drop", "inside": "lost", "answering": "torn", "after": "hang_up"}
_PAID_OR_LASTING = frozenset({"POST", "PUT"})
_NO_EFFECT = frozenset({"/token"})


@dataclass(frozen=True)
class Request:
    """One request that reached a stand-in. `fault` is what was played to it; with `status` 0 the service never heard of it."""

    at: datetime
    service: str
    method: str
    path: str
    query: str
    range_: str
    sha256: str
    status: int
    fault: str | None

    @property
    def has_effect(self) -> bool:
        """Whether it changes something outside or is paid for."""
        probing = self.range_.startswith("bytes */")
        return self.method in _PAID_OR_LASTING and self.path not in _NO_EFFECT and not probing


@dataclass(frozen=True)
class Held:
    """A request that waits for its strike; `port` is the client's end of the connection."""

    service: str
    method: str
    path: str
    port: int


class Stage:
    """Serves every stand-in while the context lasts, with a fault for each point at an effect."""

    def __init__(self, folder: Path, points: Sequence[Point] = ()) -> None:
        self._folder = folder
        self._points = tuple(point for point in points if isinstance(point.place, Effect))
        self._held: list[Held] = []
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.variables: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        script = self._folder / "faults.toml"
        script.write_text("\n".join(_table(point) for point in self._points), "utf-8")
        argv = [str(COMMAND), "sandbox", "--json", "--record", str(self._record), "--faults", str(script)]
        log = (self._folder / "errors.txt").open("w")
        with log:
            self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, text=True, env=environment(YTEMPIRE_HOME=str(self._folder)))
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.variables = {**told["environment"], "YOUTUBE_CHUNK_BYTES": str(_CHUNK_BYTES)}
        self._reader = threading.Thread(target=self._read, daemon=True, name="held requests")
        self._reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process is not None
        assert self._reader is not None
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def _record(self) -> Path:
        return self._folder / "requests.jsonl"

    def take_held(self) -> tuple[Held, ...]:
        """Return the requests that have begun to wait since this was last asked."""
        with self._lock:
            taken = tuple(self._held)
            self._held.clear()
        return taken

    def requests(self) -> tuple[Request, ...]:
        """Return every request so far, in order."""
        lines = self._record.read_text("utf-8").splitlines() if self._record.exists() else []
        return tuple(_request(json.loads(line)) for line in lines)

    def uploads(self) -> tuple[str, ...]:
        """Ask the platform itself for the channel's uploads, over its own protocol; return their descriptions."""
        account, root = staged_account(CHANNEL), self.variables["YOUTUBE_BASE_URL"]
        form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
        form |= {"client_id": self.variables["YOUTUBE_CLIENT_ID"], "client_secret": self.variables["YOUTUBE_CLIENT_SECRET"]}
        with httpx.Client(base_url=root, trust_env=False, timeout=30) as client:
            token = client.post("/token", data=form).raise_for_status().json()["access_token"]
            asked = {"part": "snippet", "playlistId": account.uploads_playlist, "maxResults": "50"}
            found = client.get("/youtube/v3/playlistItems", params=asked, headers={"authorization": f"Bearer {token}"}).raise_for_status()
        return tuple(str(item["snippet"]["description"]) for item in found.json()["items"])

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told: dict[str, Any] = json.loads(line)
            with self._lock:
                self._held.append(Held(told["service"], told["method"], told["path"], int(told["port"])))


def fault_of(point: Point) -> str:
    """Return the kind of fault that makes room for a strike, or is the strike itself."""
    if point.target == "provider line":
        return _CUTS[point.moment]
    return (_WORKER_HOLDS if point.target == "worker" else _HOLDS)[point.moment]


def effects_of(requests: Sequence[Request], nodes: Sequence[tuple[datetime, datetime, str]]) -> tuple[Effect, ...]:
    """Return the outside effects of an undisturbed production; `nodes` are the spans of its jobs, by which each effect finds its node."""
    counted: dict[tuple[str, str, str], int] = {}
    found: list[Effect] = []
    for one in requests:
        # Probes use the address and the method of chunks: they are counted with them, since a fault script counts so.
        kind = (one.service, one.method, one.path)
        number = counted[kind] = counted.get(kind, -1) + 1
        if one.has_effect:
            node = next((name for began, ended, name in nodes if began <= one.at <= ended), "")
            found.append(Effect(*kind, number, node))
    return tuple(found)


def _table(point: Point) -> str:
    assert isinstance(point.place, Effect)
    place, kind = point.place, fault_of(point)
    seconds = 0.0 if point.target == "provider line" else HELD_S
    values = {"service": place.service, "method": place.method, "path": place.path, "skip": place.number, "kind": kind, "seconds": seconds}
    return "\n".join(["[[fault]]", *(f"{name} = {json.dumps(value)}" for name, value in values.items()), ""])


def _request(line: dict[str, Any]) -> Request:
    spoken = str(line["headers"].get("content-range", ""))
    at = datetime.fromisoformat(line["at"])
    return Request(at, line["service"], line["method"], line["path"], line["query"], spoken, line["sha256"], int(line["status"]), line["fault"])


def now() -> datetime:
    """Return the time by the clock that the record is kept by."""
    return SYSTEM_CLOCK.now()
