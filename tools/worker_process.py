"""What a worker process is to the machine: its identity, its bond to the supervisor, its size."""

import ctypes
import os
import signal
import socket
from pathlib import Path

import psutil

from infra.errors import Unavailable
from infra.ids import new_id
from memory.repositories.workers import WorkerView

_PR_SET_PDEATHSIG = 1


class ParentGone(Unavailable):
    """The supervisor ended before the worker was bound to it."""

    code = "parent_gone"


def host_identity() -> str:
    """Name this machine, boot and process namespace: only there does a pid mean what it says."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    namespace = Path("/proc/self/ns/pid")
    parts = [socket.gethostname()]
    if boot.exists():
        parts.append(boot.read_text().strip()[:8])
    if namespace.is_symlink():
        parts.append(str(namespace.readlink()))
    return "/".join(parts)


def this_worker(queue: str) -> WorkerView:
    """Describe the calling process as a new worker of `queue`."""
    process = psutil.Process()
    return WorkerView(
        id=f"{queue}-{new_id('w')}",
        queue=queue,
        host=host_identity(),
        pid=process.pid,
        process_started=process.create_time(),
        state="idle",
        job_id=None,
        silent_s=0.0,
    )


def is_running(pid: int, process_started: float) -> bool:
    """Whether the process of that pid and birth time still runs on this machine; a recycled pid does not count."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - process_started) < 0.5
    except psutil.NoSuchProcess:
        return False


def kill_verified(pid: int, process_started: float) -> bool:
    """Kill that very process at once; False when it is gone or the pid belongs to another now."""
    if not is_running(pid, process_started):
        return False
    try:
        psutil.Process(pid).kill()
    except psutil.NoSuchProcess:
        return False
    return True


def die_with_parent(parent_pid: int | None) -> None:
    """Have the kernel kill this process when its parent ends; raises ParentGone when `parent_pid` already has."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if parent_pid is not None and os.getppid() != parent_pid:
        raise ParentGone(f"the supervisor {parent_pid} ended before this worker was ready", parent_pid=parent_pid)


def resident_bytes() -> int:
    """Return the memory this process holds."""
    return int(psutil.Process().memory_info().rss)
