"""How much this machine can do at once: the number of workers for each queue."""

import os
from pathlib import Path

from infra.settings import Settings


def capacity(settings: Settings) -> dict[str, int]:
    """Return the number of workers for each queue on this machine: `gpu` one per device, `cpu` one per core, the rest as set."""
    cores = len(os.sched_getaffinity(0))
    devices = len(list(Path("/dev").glob("nvidia[0-9]*")))
    return {
        "gpu": devices if settings.workers_gpu is None else settings.workers_gpu,
        "cpu": cores if settings.workers_cpu is None else settings.workers_cpu,
        "io": settings.workers_io,
        "publish": settings.workers_publish,
    }
