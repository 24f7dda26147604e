"""A supervisor with both servers, a worker that has a grandchild, and a stubborn worker; run by the tests as a process of its own."""

import os
import sys
from pathlib import Path

from infra.control import ControlServer
from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.redis import EmbeddedRedis
from infra.supervisor import Supervisor
from infra.units import ProcessSpec

_SLEEP = "import time; time.sleep(600)"
_WORKER = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {_SLEEP!r}]); print(child.pid, flush=True); {_SLEEP}"
_STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"


def main(home: Path, door: Path) -> None:
    with Supervisor() as supervisor:
        postgres, redis = EmbeddedPostgres(home), EmbeddedRedis(home)
        supervisor.add(redis)
        supervisor.add(postgres)
        for name, code, grace_s in (("worker", _WORKER, 5.0), ("stubborn", _STUBBORN, 0.5)):
            supervisor.add(ProcessSpec(name, "worker", [sys.executable, "-c", code], {"PATH": os.defpath}, home / "logs" / f"{name}.log", grace_s=grace_s))
        postgres.wait_ready()
        redis.wait_ready()
        urls = postgres.ensure_database()
        control = ControlServer(door, supervisor, {"app": urls.app, "redis": redis.url()}, lambda message: _answer(supervisor, dict(message)))
        supervisor.run()
        control.close()


def _answer(supervisor: Supervisor, message: dict[str, object]) -> dict[str, object]:
    if "kill" in message:
        return {"killed": supervisor.kill(int(str(message["kill"])))}
    return {"processes": supervisor.pids()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
