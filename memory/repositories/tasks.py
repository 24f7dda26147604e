"""Statements about tasks: added once per key, taken by one run, never lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.tasks import TASK_OPEN, TASK_REPEATABLE, TaskRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.autonomous_runs import AutonomousRunRepository, Wake
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(TaskRecord.created_at, TaskRecord.id)


class TaskMissing(NotFound):
    """There is no task of that id."""

    code = "task_missing"


class TaskKeyReused(Conflict):
    """The same key was used before for another task."""

    code = "task_key_reused"


class TaskClosed(Conflict):
    """The task is done, failed, cancelled or already being made."""

    code = "task_closed"


class TaskOpen(Conflict):
    """The task has not failed and was not cancelled, so there is nothing to do again."""

    code = "task_open"


@dataclass(frozen=True)
class NewTask:
    """One wish; without a key it is a wish of its own. A call of a tool is `planned` from the start, since no autonomous run takes it."""

    kind: str
    payload: Mapping[str, Any]
    created_by: str
    channel_id: str | None = None
    priority: int = 1
    due_at: datetime | None = None
    key: str | None = None
    tenant_id: str = LOCAL_TENANT
    status: str = "queued"


class TaskRepository:
    """Injected tasks."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, new: NewTask) -> TaskRecord:
        """Add a task, or return the one of the same key; raises TaskKeyReused when that asks for something else."""
        task_id = new_id("task")
        wanted = {"kind": new.kind, "payload": dict(new.payload), "channel_id": new.channel_id, "priority": new.priority, "due_at": new.due_at}
        values = {"id": task_id, "tenant_id": new.tenant_id, "key": new.key or task_id, "created_by": new.created_by, "status": new.status, **wanted}
        self.session.execute(insert(TaskRecord).values(**values).on_conflict_do_nothing(index_elements=["tenant_id", "key"]))
        found = self.session.scalars(select(TaskRecord).filter_by(tenant_id=new.tenant_id, key=values["key"])).one()
        differing = [name for name, value in wanted.items() if getattr(found, name) != value]
        if differing:
            raise TaskKeyReused(f"key: {new.key!r} was used before for task {found.id} with another {', '.join(differing)}; choose another key", task=found.id)
        return found

    def get(self, task_id: str) -> TaskRecord:
        """Return the task; raises TaskMissing."""
        found = self.session.get(TaskRecord, task_id, populate_existing=True)
        if found is None:
            raise TaskMissing(f"task: {task_id!r} does not exist; `ytempire tasks list` shows them", task=task_id)
        return found

    def list_(self, status: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[TaskRecord]:
        """Return tasks, newest first."""
        statement = select(TaskRecord)
        if status is not None:
            statement = statement.where(TaskRecord.status == status)
        return _KEYSET.page(self.session, statement, cursor, limit)

    def list_queued(self, tenant_id: str, channels: tuple[str, ...]) -> tuple[TaskRecord, ...]:
        """Return tasks that no run has taken and these channels may serve, most urgent first."""
        mine = or_(TaskRecord.channel_id.is_(None), TaskRecord.channel_id.in_(channels))
        statement = select(TaskRecord).where(TaskRecord.tenant_id == tenant_id, TaskRecord.status == "queued", mine)
        return tuple(self.session.scalars(statement.order_by(TaskRecord.priority.desc(), TaskRecord.due_at.nulls_last(), TaskRecord.created_at, TaskRecord.id)))

    def take(self, wake: Wake, task_id: str) -> bool:
        """Take a queued task for an autonomous run; False when it was taken or cancelled meanwhile. Raises WakeLost."""
        AutonomousRunRepository(self.session).verify(wake)
        return self._from(("queued",), task_id, status="planned", autonomous_run_id=wake.run_id) is not None

    def give_back(self, wake: Wake, task_id: str, reason: str) -> None:
        """Queue a taken task again, for another run; raises WakeLost."""
        AutonomousRunRepository(self.session).verify(wake)
        self._from(("planned",), task_id, status="queued", autonomous_run_id=None, reason=reason)

    def finish(self, wake: Wake, task_id: str, status: str, reason: str) -> None:
        """Close a taken task as done or failed; raises WakeLost."""
        AutonomousRunRepository(self.session).verify(wake)
        self._from(("planned",), task_id, status=status, reason=reason, finished_at=func.now())

    def list_of_agents(self) -> tuple[TaskRecord, ...]:
        """Return tasks of single agents that are not over, of every tenant, most urgent first."""
        statement = select(TaskRecord).where(TaskRecord.kind == "agent", TaskRecord.status.in_(TASK_OPEN))
        return tuple(self.session.scalars(statement.order_by(TaskRecord.priority.desc(), TaskRecord.created_at, TaskRecord.id)))

    def begin_agent(self, task_id: str) -> None:
        """Record that an agent works on the task."""
        self._from(("queued",), task_id, status="planned")

    def settle_snapshot(self, task_id: str, digest: str | None) -> str | None:
        """Return what the task's agent is shown; `digest` becomes that where nothing is kept yet."""
        if digest is not None:
            self.session.execute(update(TaskRecord).where(TaskRecord.id == task_id, TaskRecord.snapshot.is_(None)).values(snapshot=digest))
        return self.session.scalar(select(TaskRecord.snapshot).filter_by(id=task_id))

    def conclude(self, task_id: str, status: str, reason: str, result: Mapping[str, Any] | None) -> None:
        """Close a task that an agent worked on, with what came of it; one that was taken back meanwhile stays so."""
        self._from(TASK_OPEN, task_id, status=status, reason=reason, result=dict(result) if result is not None else None, finished_at=func.now())

    def close(self, task_id: str, status: str, reason: str) -> None:
        """Close a taken task whose autonomous run has ended before it."""
        self._from(("planned",), task_id, status=status, reason=reason, finished_at=func.now())

    def cancel(self, task_id: str, reason: str) -> TaskRecord:
        """Cancel a task that is not being made; raises TaskMissing and TaskClosed."""
        changed = self._from(TASK_OPEN, task_id, status="cancelled", reason=reason, finished_at=func.now())
        task = self.get(task_id)
        if changed is None:
            raise TaskClosed(f"task {task_id}: is {task.status} already", task=task_id, status=task.status)
        return task

    def requeue(self, task_id: str) -> TaskRecord:
        """Queue a failed or cancelled task again; a time that has passed is not kept. Raises TaskMissing and TaskOpen."""
        due = case((TaskRecord.due_at > func.now(), TaskRecord.due_at))
        anew = {"reason": "", "autonomous_run_id": None, "finished_at": None, "result": None, "snapshot": None, "attempt": TaskRecord.attempt + 1}
        changed = self._from(TASK_REPEATABLE, task_id, status="queued", due_at=due, **anew)
        task = self.get(task_id)
        if changed is None:
            raise TaskOpen(
                f"task {task_id}: is {task.status}; only one that is {' or '.join(TASK_REPEATABLE)} can be replayed", task=task_id, status=task.status
            )
        return task

    def _from(self, statuses: tuple[str, ...], task_id: str, **values: object) -> str | None:
        statement = update(TaskRecord).where(TaskRecord.id == task_id, TaskRecord.status.in_(statuses)).values(**values)
        return self.session.scalar(statement.returning(TaskRecord.id))
