"""What a worker process is to the machine: its identity, its bond to the supervisor, its size."""

import ctypes
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psutil

from infra.errors import Unavailable
from infra.ids import new_id
from memory.repositories.workers import WorkerView

_PR_SET_PDEATHSIG = 1


class ParentGone(Unavailable):
    """The supervisor ended before the worker was bound to it."""

    code = "parent_gone"


class ProcessTable(Protocol):
    """The processes of a host, as its own kernel knows them; a process is a pid and the time of its birth."""

    def host(self) -> str:
        """Name the machine, boot and process namespace: only there does a pid mean what it says."""
        ...

    def me(self) -> tuple[int, float]:
        """Return the calling process."""
        ...

    def is_running(self, pid: int, process_started: float) -> bool:
        """Whether that very process still runs."""
        ...

    def kill(self, pid: int, process_started: float) -> bool:
        """Kill that very process at once; False when it is gone."""
        ...


class MachineProcesses:
    """The processes of this machine."""

    def host(self) -> str:
        """Name the machine, boot and process namespace: only there does a pid mean what it says."""
        boot = Path("/proc/sys/kernel/random/boot_id")
        namespace = Path("/proc/self/ns/pid")
        parts = [socket.gethostname()]
        if boot.exists():
            parts.append(boot.read_text().strip()[:8])
        if namespace.is_symlink():
            parts.append(str(namespace.readlink()))
        return "/".join(parts)

    def me(self) -> tuple[int, float]:
        """Return the calling process."""
        process = psutil.Process()
        return process.pid, process.create_time()

    def is_running(self, pid: int, process_started: float) -> bool:
        """Whether the process of that pid and birth time still runs; a recycled pid does not count."""
        try:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - process_started) < 0.5
        except psutil.NoSuchProcess:
            return False

    def kill(self, pid: int, process_started: float) -> bool:
        """Kill that very process at once; False when it is gone or the pid belongs to another now."""
        if not self.is_running(pid, process_started):
            return False
        try:
            psutil.Process(pid).kill()
        except psutil.NoSuchProcess:
            return False
        return True


class _Table:
    """Which processes there are: the machine's, unless a simulation installed its own."""

    current: ProcessTable = MachineProcesses()


@contextmanager
def processes_of(table: ProcessTable) -> Iterator[None]:
    """Let this process believe in the processes of `table` inside the block."""
    before, _Table.current = _Table.current, table
    try:
        yield
    finally:
        _Table.current = before


def host_identity() -> str:
    """Name this machine, boot and process namespace: only there does a pid mean what it says."""
    return _Table.current.host()


def this_worker(queue: str) -> WorkerView:
    """Describe the calling process as a new worker of `queue`."""
    pid, process_started = _Table.current.me()
    return WorkerView(
        id=f"{queue}-{new_id('w')}", queue=queue, host=host_identity(), pid=pid, process_started=process_started, state="idle", job_id=None, silent_s=0.0
    )


def is_running(pid: int, process_started: float) -> bool:
    """Whether the process of that pid and birth time still runs on this machine; a recycled pid does not count."""
    return _Table.current.is_running(pid, process_started)


def kill_verified(pid: int, process_started: float) -> bool:
    """Kill that very process at once; False when it is gone or the pid belongs to another now."""
    return _Table.current.kill(pid, process_started)


def die_with_parent(parent_pid: int | None) -> None:
    """Have the kernel kill this process when its parent ends; raises ParentGone when `parent_pid` already has."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if parent_pid is not None and os.getppid() != parent_pid:
        raise ParentGone(f"the supervisor {parent_pid} ended before this worker was ready", parent_pid=parent_pid)


def resident_bytes() -> int:
    """Return the memory this process holds."""
    return int(psutil.Process().memory_info().rss)
