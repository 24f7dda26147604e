"""Calls through a running kernel: results, keys, refusals, failures, progress."""

from tests.fixtures.kernel import Call, Kernel
from tests.fixtures.probe_tools import IO_PROBE


async def test_a_call_returns_the_typed_result_of_a_worker(call: Call, standing: Kernel) -> None:
    result = await call(IO_PROBE, word="hello")
    assert result.word == "hello"
    assert result.pid in {process.pid for process in standing.processes}
