"""The transport of jobs: RQ on Redis, carrying nothing but the id of a row in Postgres."""

import socket
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job

from infra.errors import Forbidden, Unavailable

# The only function a worker will run for a queue entry; the name is a label, nothing is imported by it.
ENTRY_POINT = "tools.worker.execute"
_ENTRY_KEPT_S = 7 * 86400  # an entry that expires while it waits is sent again
_SILENT_S = 5.0


def open_redis(url: str, silent_s: float | None = None) -> Redis:
    """Return a client of the Redis at a URL; `silent_s` is how long an answer may take. A server on a machine that vanished is noticed in half a minute."""
    options: dict[str, Any] = {"socket_timeout": silent_s}
    if not url.startswith("unix:"):
        kept = {socket.TCP_KEEPIDLE: 10, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3, socket.TCP_USER_TIMEOUT: 25_000}
        options |= {"socket_keepalive": True, "socket_keepalive_options": kept}
    return Redis.from_url(url, **options)


class TransportDown(Unavailable):
    """Redis does not answer."""

    code = "transport_down"


class EntryRefused(Forbidden):
    """A queue entry asks for something other than the one allowed function."""

    code = "queue_entry_refused"


class GuardedJob(Job):
    """A queue entry that can do one thing. RQ would import and call whatever Redis names; this refuses everything else."""

    handler: "Callable[[str], None] | None" = None
    _extras: tuple[str, ...] = ()

    @property
    def func(self) -> Callable[..., Any]:
        """The bound handler, when the entry names the entry point and nothing else; raises EntryRefused otherwise."""
        handler = type(self).handler
        if self.func_name != ENTRY_POINT or self.instance is not None:
            raise EntryRefused(f"queue entry {self.id} names {self.func_name!r}; only {ENTRY_POINT!r} is run", entry=self.id)
        if self._extras:
            raise EntryRefused(f"queue entry {self.id} carries {', '.join(self._extras)}; an entry holds a job id and nothing else", entry=self.id)
        if handler is None:
            raise EntryRefused(f"queue entry {self.id} reached a process that runs no jobs", entry=self.id)
        return handler

    def restore(self, raw_data: Any) -> Any:
        """Read the entry from Redis; whatever RQ would import or call besides the function is noted, then dropped."""
        restored = super().restore(raw_data)
        named = (
            ("a success callback", "_success_callback_name"),
            ("a failure callback", "_failure_callback_name"),
            ("a stop callback", "_stopped_callback_name"),
        )
        self._extras = tuple(label for label, field in named if getattr(self, field))
        for _, field in named:
            setattr(self, field, None)
        if self.webhooks:
            self._extras = (*self._extras, "a webhook")
            self.webhooks = []
        return restored


class Transport(Protocol):
    """Carries job ids to the workers of a queue and tells which still wait; every method raises TransportDown."""

    def push(self, queue: str, entry: str, job_id: str) -> None:
        """Put an entry at the end of a queue; the same entry may be pushed again."""
        ...

    def waiting(self, queue: str) -> frozenset[str]:
        """Return the entries that wait in a queue."""
        ...

    def forget_popped(self, queue: str, entries: Iterable[str]) -> None:
        """Drop entries that a worker popped but never started."""
        ...


class JobTransport:
    """Pushes ids to the queues and tells which still wait there. `url` is a Redis URL, `unix://` included. A Redis silent for 5 s counts as down."""

    def __init__(self, url: str) -> None:
        self.connection = open_redis(url, _SILENT_S)
        self._queues: dict[str, Queue] = {}

    def push(self, queue: str, entry: str, job_id: str) -> None:
        """Put an entry at the end of a queue; the same entry may be pushed again. Raises TransportDown."""
        target = self._queue(queue)
        job = GuardedJob.create(
            ENTRY_POINT, kwargs={"job_id": job_id}, id=entry, connection=self.connection, origin=queue, description=entry, serializer="json"
        )
        try:
            # One round trip: what RQ's own enqueue adds (registries, dependencies, version checks) serves features that are not used.
            with self.connection.pipeline() as pipeline:
                pipeline.hset(job.key, mapping=job.to_dict(include_meta=False, include_result=False))
                pipeline.expire(job.key, _ENTRY_KEPT_S)
                pipeline.rpush(target.key, entry)
                pipeline.execute()
        except RedisError as error:
            raise TransportDown(f"Redis did not take entry {entry}: {error}", entry=entry) from error

    def waiting(self, queue: str) -> frozenset[str]:
        """Return the entries that wait in a queue. Raises TransportDown."""
        try:
            return frozenset(self._queue(queue).get_job_ids())
        except RedisError as error:
            raise TransportDown(f"Redis did not list queue {queue}: {error}", queue=queue) from error

    def forget_popped(self, queue: str, entries: Iterable[str]) -> None:
        """Drop entries that a worker popped but never started. Raises TransportDown."""
        key = IntermediateQueue.get_intermediate_queue_key(self._queue(queue).key)
        try:
            for entry in entries:
                self.connection.lrem(key, 0, entry)
                self.connection.delete(GuardedJob.key_for(entry))
        except RedisError as error:
            raise TransportDown(f"Redis did not clean queue {queue}: {error}", queue=queue) from error

    def close(self) -> None:
        """Close the connections to Redis."""
        self.connection.close()

    def _queue(self, name: str) -> Queue:
        if name not in self._queues:
            self._queues[name] = Queue(name, connection=self.connection, serializer="json", job_class=GuardedJob)
        return self._queues[name]


class BareQueue:
    """RQ as it comes, without the job kernel: the floor that the kernel's delay is measured against."""

    def __init__(self, url: str, name: str) -> None:
        self._queue = Queue(name, connection=Redis.from_url(url), serializer="json")

    def enqueue(self, function: str, **values: float | str) -> None:
        """Put a call of `function` (`package.module.name`) at the end of the queue."""
        self._queue.enqueue_call(function, kwargs=values, result_ttl=0)
