"""Runs one claimed job: resolves the tool, gives it its context and a time limit, returns its result."""

import importlib
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from infra.settings import Settings
from memory.artifacts import Provenance
from memory.media_shared import open_media
from memory.repositories.job_leases import Lease
from tools.base import Args, Result, ToolContext, ToolError
from tools.registry import Registry
from tools.worker_faults import JobTimedOut
from tools.worker_lease import HeldLease

Implementation = Callable[[Args, ToolContext], Result]


class JobRunner:
    """Runs tools of a registry in this process; what they load stays loaded."""

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings
        self._store = open_media(settings)

    def run(self, held: HeldLease) -> dict[str, Any]:
        """Run the job and return its result as JSON values; raises what the tool raises, or JobTimedOut."""
        lease = held.lease
        spec = self._registry.get(lease.tool)
        args = spec.args.model_validate(lease.args)
        implementation = _resolve(spec.implementation)
        context = self._context(held, self._scratch(lease))
        with _time_limit(lease.timeout_s, lease.tool):
            result = implementation(args, context)
        if not isinstance(result, spec.result):
            raise ToolError(f"{lease.tool} returned {type(result).__name__}, not {spec.result.__name__}", tool=lease.tool)
        values: dict[str, Any] = result.model_dump(mode="json")
        return values

    def _context(self, held: HeldLease, scratch: Path) -> ToolContext:
        lease = held.lease
        return ToolContext(
            settings=self._settings,
            store=self._store,
            scratch=scratch,
            job_id=lease.id,
            run_id=lease.run_id,
            channel_id=lease.channel_id,
            provenance=Provenance(lease.provenance),
            seed=lease.seed,
            attempt=lease.attempt,
            progress=held.progress,
            ensure_live=held.ensure_live,
        )

    def clean(self, lease: Lease) -> None:
        """Remove the working files of this attempt; done after the result is written, since nobody waits for it."""
        shutil.rmtree(self._folder(lease), ignore_errors=True)

    def _scratch(self, lease: Lease) -> Path:
        folder = self._folder(lease)
        if lease.attempt > 1:
            # What a killed worker left of earlier attempts is removed by the attempt that follows.
            for leftover in folder.parent.glob(f"{lease.id}-*"):
                shutil.rmtree(leftover, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def _folder(self, lease: Lease) -> Path:
        return self._settings.scratch_root / f"{lease.id}-{lease.token}"


@cache
def _resolve(reference: str) -> Implementation:
    module, _, name = reference.partition(":")
    implementation: Implementation = getattr(importlib.import_module(module), name)
    return implementation


@contextmanager
def _time_limit(seconds: float, tool: str) -> Iterator[None]:
    """Raise JobTimedOut in the main thread after `seconds`; code that never returns to Python is left to the dispatcher's kill."""

    def expire(_number: int, _frame: FrameType | None) -> None:
        raise JobTimedOut(f"{tool} ran longer than its limit of {seconds:g} s", tool=tool, limit_s=seconds)

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
