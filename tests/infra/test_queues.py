"""The transport refuses everything but the one function, however an entry got into Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Callback, Queue, SimpleWorker

from infra.embedded.redis import EmbeddedRedis
from infra.queues import ENTRY_POINT, EntryRefused, GuardedJob, JobTransport, TransportDown


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    monkeypatch.setattr(GuardedJob, "handler", staticmethod(lambda job_id: seen.append(job_id)))
    return seen


def queue(redis: Redis, name: str) -> Queue:
    """An attacker's queue: whatever RQ allows, with plain RQ jobs."""
    return Queue(name, connection=redis, serializer="json")


def fetched(redis: Redis, entry: str) -> GuardedJob:
    """The entry as a worker reads it."""
    job = GuardedJob.fetch(entry, connection=redis, serializer="json")
    assert isinstance(job, GuardedJob)
    return job


def test_an_entry_carries_nothing_but_the_jobs_id(redis: Redis, redis_url: str, handled: list[str]) -> None:
    JobTransport(redis_url).push("carry", "job_a-1", "job_a")
    entry = fetched(redis, "job_a-1")
    assert (entry.func_name, entry.args, entry.kwargs) == (ENTRY_POINT, [], {"job_id": "job_a"})
    entry.perform()
    assert handled == ["job_a"]


@pytest.mark.parametrize("function", ["os.system", "subprocess.call", "tools.worker.main", "tools.worker.executed", "builtins.eval"])
def test_another_function_is_refused_without_being_imported(redis: Redis, handled: list[str], function: str, tmp_path: Path) -> None:
    job = queue(redis, "evil").enqueue_call(function, args=(f"touch {tmp_path}/owned",))
    with pytest.raises(EntryRefused, match=function):
        fetched(redis, job.id).perform()
    assert list(tmp_path.iterdir()) == []
    assert handled == []


def test_plain_rq_would_run_the_shell_command_which_is_why_entries_are_guarded(redis: Redis, tmp_path: Path) -> None:
    queue(redis, "canary").enqueue_call("os.system", args=(f"touch '{tmp_path}/owned'",))
    SimpleWorker([queue(redis, "canary")], connection=redis, serializer="json").work(burst=True, logging_level="CRITICAL")
    assert (tmp_path / "owned").exists()


@pytest.mark.parametrize("hook", ["on_success", "on_failure", "on_stopped"])
def test_an_entry_with_a_callback_is_refused(redis: Redis, handled: list[str], hook: str) -> None:
    job = queue(redis, "hooks").enqueue(ENTRY_POINT, kwargs={"job_id": "job_a"}, **{hook: Callback("os.abort")})
    with pytest.raises(EntryRefused, match="callback"):
        fetched(redis, job.id).perform()
    assert handled == []


def test_an_entry_that_was_not_pushed_stays_unknown_and_a_pushed_one_waits_once_however_often(redis_url: str) -> None:
    transport = JobTransport(redis_url)
    for _ in range(3):
        transport.push("again", "job_b-1", "job_b")
    assert transport.waiting("again") == {"job_b-1"}


def test_a_redis_that_is_gone_is_reported_as_down(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "home")
    server.start()
    transport = JobTransport(server.url())
    transport.push("gone", "job_c-1", "job_c")
    server.stop()
    with pytest.raises(TransportDown):
        transport.push("gone", "job_d-1", "job_d")
    with pytest.raises(TransportDown):
        transport.waiting("gone")
