"""Child processes that cannot outlive their parent, and the identity of processes beyond a bare pid."""

import atexit
import ctypes
import gc
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra import keeper
from infra.clock import SYSTEM_CLOCK

_PR_SET_PDEATHSIG = 1
# Enough that three quarters of two busy cores are left to those who answer, and little enough that a worker begins in time on a machine that others fill.
_STEPS_BACK = 4
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Launch:
    """How to start one child: what to run, as whom, where its output goes and which signal it gets when its parent dies.

    One that `steps_back` leaves the processor to whoever answers people, where both want it.
    """

    argv: Sequence[str]
    log: Path
    env: Mapping[str, str]
    cwd: Path | None = None
    uid: int | None = None
    death_signal: signal.Signals | None = signal.SIGKILL
    pass_fds: tuple[int, ...] = ()
    steps_back: bool = False


def start_process(launch: Launch) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that the kernel signals when the calling thread ends, however it ends.

    Call it from a thread that lives as long as the parent should (the main thread): Linux binds the death signal to the thread that forked.
    """
    launch.log.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(launch.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.Popen(
            list(launch.argv),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd=launch.cwd,
            env=dict(launch.env),
            user=launch.uid,
            group=launch.uid,
            extra_groups=None if launch.uid is None else [],
            pass_fds=launch.pass_fds,
            start_new_session=True,
            preexec_fn=_prelude(launch),
        )
    finally:
        os.close(descriptor)


def _prelude(launch: Launch) -> Callable[[], None] | None:
    bind = None if launch.death_signal is None else bound_to_parent(launch.death_signal)

    def prepare() -> None:
        step_back()
        if bind is not None:
            bind()

    return prepare if launch.steps_back else bind


def step_back() -> None:
    """Let this process and all that it starts have the processor when others leave it; to be called in a session of its own."""
    os.nice(_STEPS_BACK)
    # Where Linux shares the processor out by sessions first (sched_autogroup, sched(7)), the nice value alone counts inside of one only.
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(f"{_STEPS_BACK}\n")


def bound_to_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before its program (`preexec_fn`) to get that signal when this thread ends."""
    parent = os.getpid()

    def bind() -> None:
        # Runs after the change of user, because a change of user clears the death signal.
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(127)

    return bind


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment with `changes`, for a child."""
    return {**os.environ, **changes}  # noqa: TID251 - handed on, not read


def end_quickly() -> None:
    """Let this process end without looking through all it holds for garbage, which takes the better part of a second: the kernel takes it back whole."""
    atexit.register(gc.freeze)


def stop_process(process: "subprocess.Popen[bytes]", first: signal.Signals, grace_s: float) -> None:
    """Send `first`, wait up to `grace_s` seconds, then kill all that is left of the child's session; returns once the child is reaped."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(grace_s)
        except subprocess.TimeoutExpired:
            pass
    kill_session(process.pid)
    process.wait()


def kill_session(leader_pid: int) -> int:
    """Kill every process of the session that `leader_pid` began, its grandchildren included; return how many there were."""
    members = keeper.sessions().get(leader_pid, [])
    keeper.kill_members(members)
    return len(members)


def working_in(folder: Path, name: str) -> list[psutil.Process]:
    """Return the processes called `name` whose working directory is `folder`: an identity that a recycled pid cannot fake."""
    return [process for process in psutil.process_iter() if _works_in(process, folder, name)]


def end_leftovers(folder: Path, name: str, first: signal.Signals, grace_s: float) -> int:
    """End what `working_in(folder, name)` finds: `first`, then SIGKILL after `grace_s` seconds; return how many there were."""
    leftovers = working_in(folder, name)
    for process in leftovers:
        _signal(process, first)
    _, alive = psutil.wait_procs(leftovers, timeout=grace_s)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=5)
    return len(leftovers)


def _works_in(process: psutil.Process, folder: Path, name: str) -> bool:
    try:
        return process.name() == name and process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        pass


def deadline(seconds: float) -> float:
    """Return the monotonic time `seconds` from now."""
    return SYSTEM_CLOCK.monotonic() + seconds
