"""A segment process that ends by itself leaves nothing behind: its exit is taken from the kernel and its pipes are closed."""

import os
import signal
import time

import psutil

from tools.render_video.segment_pool import SegmentPool


def test_an_ended_segment_process_is_reaped_without_another_film() -> None:
    pool = SegmentPool(2)
    before = psutil.Process().num_fds()
    pool._start()
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    limit = time.monotonic() + 10
    while psutil.pid_exists(pid) or pool._process.lanes:
        assert time.monotonic() < limit
        time.sleep(0.01)
    assert psutil.Process().num_fds() == before
    assert pool.pids == []
    pool._start()
    assert pool.pids not in ([], [pid])
    pool.close()
