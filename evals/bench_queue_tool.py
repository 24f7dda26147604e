"""What the queue benchmark runs: a tool, and a bare function, that tell when they began."""

from pathlib import Path

from infra.clock import SYSTEM_CLOCK
from tools.base import Args, Result, ToolContext, ToolSpec


class StampArgs(Args):
    """When the call was made, in monotonic seconds of this machine."""

    sent: float


class StampResult(Result):
    """When the tool began and when it was about to return, in monotonic seconds of this machine."""

    began: float
    ended: float


STAMP = ToolSpec(name="bench_stamp", queue="io", args=StampArgs, result=StampResult, implementation="evals.bench_queue_tool:run", max_attempts=1)
TOOLS = (STAMP,)
ALLOWED = {"bench": frozenset({STAMP.name})}


def run(_args: StampArgs, _ctx: ToolContext) -> StampResult:
    """Tell the time."""
    began = SYSTEM_CLOCK.monotonic()
    return StampResult(began=began, ended=SYSTEM_CLOCK.monotonic())


def stamp(sent: float, path: str) -> None:
    """Append the delay since `sent`, in seconds, to a file: the bare worker's job."""
    began = SYSTEM_CLOCK.monotonic()
    with Path(path).open("a") as handle:
        handle.write(f"{began - sent}\n")
