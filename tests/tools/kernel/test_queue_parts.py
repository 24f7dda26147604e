"""Parts of queues: a tool that only some workers can run goes to those."""

import re
from pathlib import Path

import pytest

from infra.errors import Invalid
from infra.events import EventBus
from infra.settings import Settings
from memory.repositories.jobs import QueueUnserved
from tests.fixtures.kernel import Call, Kernel
from tests.fixtures.probe_tools import ALLOWED, CPU_PROBE, IO_PROBE
from tools.call import ToolCaller
from tools.queue_names import checked_queue, queue_of


@pytest.mark.parametrize("name", ["gpu", "cpu", "io", "publish", "gpu:a100", "cpu:render-farm2"])
def test_a_queue_and_a_part_of_one_have_names(name: str) -> None:
    assert checked_queue(name) == name


@pytest.mark.parametrize("name", ["", "tpu", "gpu:", "gpu:A100", "publish:one", "gpu:a/b", "gpu:a100:b"])
def test_anything_else_is_refused_with_what_may_be_written(name: str) -> None:
    with pytest.raises(Invalid, match=re.escape("give gpu, cpu, io, publish, or a part of one of the first three such as gpu:a100")):
        checked_queue(name)


def test_a_part_belongs_to_its_tools_own_queue(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path, tool_queues="probe_io=io:near,probe_cpu=gpu:a100")
    assert queue_of(IO_PROBE, settings) == "io:near"
    with pytest.raises(Invalid, match="probe_cpu runs on cpu, and gpu:a100 is no part of that; write probe_cpu=cpu:NAME"):
        queue_of(CPU_PROBE, settings)
    with pytest.raises(ValueError, match="tool_queues|TOOL_QUEUES"):
        Settings(_env_file=None, tool_queues="probe_io=publish:x")


async def test_a_tool_sent_to_a_part_is_run_by_its_workers_and_refused_without(kernel: Kernel) -> None:
    kernel.dispatcher()
    kernel.worker("io")
    settings = Settings(_env_file=None, home=kernel.home, redis_url=kernel.redis.url(), job_lease_s=1.5, tool_queues="probe_io=io:near")
    async with EventBus(kernel.database_url) as bus:
        call = Call(kernel, ToolCaller(kernel.database, bus, settings, ALLOWED), bus)
        with pytest.raises(QueueUnserved, match="no worker serves the queue 'io:near' that probe_io needs"):
            await call(IO_PROBE, word="nobody")
        near = kernel.worker("io:near")
        assert (await call(IO_PROBE, word="near")).pid == near.pid
