"""Paid calls of real worker processes: an operator's stop reaches them, and a killed one is booked and repeated once."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator

import pytest

from memory.ledger import Ledger
from memory.repositories.switches import SwitchRepository
from tests.fixtures.kernel import Kernel, calling
from tests.fixtures.probe_tools import IO_PROBE
from tests.fixtures.spending import Meter
from tools.call import JobKey
from tools.sandbox import Sandbox, delayed

SOON_S = 5.0
KEY = JobKey("run_paid", "write", 0, 0)


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def provider(meter: Meter) -> Iterator[Sandbox]:
    with Sandbox(meter.app()) as sandbox:
        yield sandbox


def entries(kernel: Kernel) -> list[tuple[str, str]]:
    with kernel.database.unit_of_work() as session:
        return [(one.status, one.outcome) for one in reversed(Ledger(session).list_())]


@pytest.mark.slow
async def test_a_stop_ends_the_call_that_a_worker_waits_for_and_the_job_goes_on_after_the_release(kernel: Kernel, provider: Sandbox) -> None:
    kernel.dispatcher()
    kernel.worker()
    provider.faults.always("/work", delayed(30))
    async with calling(kernel) as call:
        buying = asyncio.create_task(call(IO_PROBE, key=KEY, word=provider.url, behaviour="buy"))
        await asyncio.to_thread(kernel.until, lambda: len(provider.seen) == 1, 60)
        began = time.monotonic()
        with kernel.database.unit_of_work() as session:
            SwitchRepository(session).engage("all", "spend looks wrong", "ada")
        await asyncio.to_thread(kernel.until, lambda: entries(kernel) == [("unknown", "stopped")], 60)
        # Not a speed of ours but the promise; about one second on an idle machine.
        assert time.monotonic() - began < 3 * SOON_S
        await asyncio.to_thread(kernel.until, lambda: kernel.one("select state from jobs where run_id = 'run_paid'") == "queued", 60)
        assert "stopped by ada: spend looks wrong" in kernel.one("select error ->> 'message' from jobs where run_id = 'run_paid'")
        assert (len(provider.seen), buying.done()) == (1, False)
        provider.faults.lasting.clear()
        with kernel.database.unit_of_work() as session:
            SwitchRepository(session).release("all", "it was a report's mistake", "ada")
        assert (await buying).word == provider.url
    assert entries(kernel) == [("unknown", "stopped"), ("settled", "answered")]
    assert kernel.one("select failures from jobs where run_id = 'run_paid'") == 0


@pytest.mark.slow
async def test_a_call_whose_worker_was_killed_is_booked_as_unknown_and_repeated_once(kernel: Kernel, provider: Sandbox, meter: Meter) -> None:
    kernel.dispatcher()
    kernel.start_workers("io", 2)
    provider.faults.play("/work", delayed(30))
    async with calling(kernel) as call:
        buying = asyncio.create_task(call(IO_PROBE, key=KEY, word=provider.url, behaviour="buy"))
        await asyncio.to_thread(kernel.until, lambda: len(provider.seen) == 1, 60)
        os.kill(kernel.one("select w.pid from workers w join jobs j on j.lease_owner = w.id where j.run_id = 'run_paid'"), signal.SIGKILL)
        assert (await buying).word == provider.url
    assert entries(kernel) == [("unknown", "abandoned"), ("settled", "answered")]
    assert len(provider.seen) == 2
    assert kernel.one("select settled_microusd from cost_entries where status = 'settled'") == meter.invoice[0]
