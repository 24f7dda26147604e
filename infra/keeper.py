"""The supervisor's witness: a tiny process that ends the supervised sessions when the supervisor itself is killed.

The kernel's death signal reaches direct children only. The keeper reads `+pid grace_s` and `-pid` lines from its standard input; at the
end of input, which comes however the supervisor ends, it gives each session its grace and then kills all its members, grandchildren
included. It uses the standard library alone, so that it stays small and starts at once.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable


def sessions() -> dict[int, list[int]]:
    """Return the living members of every session on this machine, by session id."""
    found: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    # "pid (name) state parent group session ...", and the name may hold spaces and brackets.
                    state, _, _, session = file.read().rpartition(b")")[2].split()[:4]
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if state not in (b"Z", b"X"):
                found.setdefault(int(session), []).append(int(name))
    return found


def kill_members(pids: Iterable[int]) -> None:
    """Kill processes; one that is gone, or was never ours, is fine."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def read_watched(lines: Iterable[str]) -> dict[int, float]:
    """Follow the supervisor's notes until it ends; return the sessions it left, each with its grace in seconds."""
    watched: dict[int, float] = {}
    for line in lines:
        words = line.split()
        if line.startswith("+") and len(words) == 2:
            watched[int(words[0][1:])] = float(words[1])
        elif line.startswith("-"):
            watched.pop(int(words[0][1:]), None)
    return watched


def end_sessions(watched: dict[int, float], settled_s: float = 0.5) -> None:
    """Kill each watched session once its leader is gone or its grace is over; return when none has members."""
    began = time.monotonic()
    while watched:
        waited, now = time.monotonic() - began, sessions()
        watched = {leader: grace for leader, grace in watched.items() if leader in now}
        for leader, grace in watched.items():
            if waited >= grace or (leader not in now[leader] and waited >= settled_s):
                kill_members(now[leader])
        time.sleep(0.05)


if __name__ == "__main__":
    for _number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(_number, signal.SIG_IGN)
    end_sessions(read_watched(sys.stdin))
