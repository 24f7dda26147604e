"""A brake on a tool: its jobs wait, neither sent at once nor by the dispatcher, and go on when it is let go."""

import asyncio

from memory.repositories.brakes import BrakeRepository, tool_brake
from tests.fixtures.kernel import Call, Kernel
from tests.fixtures.probe_tools import IO_PROBE, SHORT_PROBE


async def test_jobs_of_a_braked_tool_wait_and_others_do_not(call: Call, standing: Kernel) -> None:
    with standing.database.unit_of_work() as session:
        BrakeRepository(session).put(tool_brake(IO_PROBE.name), "the disk is full", "test", 60)
    waiting = asyncio.create_task(call(IO_PROBE, word="wait"))
    assert (await call(SHORT_PROBE, word="other")).word == "other"
    await asyncio.sleep(1.5)
    assert not waiting.done()
    assert standing.one("select state from jobs where tool = 'probe_io' and args ->> 'word' = 'wait'") == "queued"
    with standing.database.unit_of_work() as session:
        BrakeRepository(session).release(tool_brake(IO_PROBE.name))
    assert (await asyncio.wait_for(waiting, 10)).word == "wait"
