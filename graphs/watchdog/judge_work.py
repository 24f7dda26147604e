"""Judgements of the studio's work: runs, approvals, queues, dead letters, looks at publications."""

from collections.abc import Mapping

from graphs.watchdog.findings import Act, Judgement, Limits, Status, Work
from memory.vitals import QueueState, RunPulse


def judge_runs(work: Work, limits: Limits) -> Judgement:
    """A run that has a runner but has not changed is stuck; one without a runner waits for somebody to resume it."""
    quiet = [run for run in work.runs if run.quiet_s > limits.run_stuck_s and not run.busy]
    stuck, left = [run for run in quiet if run.held], [run for run in quiet if not run.held]
    reading = {"unfinished": len(work.runs), "stuck": [run.id for run in stuck], "without_runner": [run.id for run in left]}
    limit = f"limit {limits.run_stuck_s / 60:.0f} min without any change"
    if work.stopped and quiet:
        said = f"{len(quiet)} runs stand still while {', '.join(work.stopped)} is stopped by an operator"
        return Judgement("runs", "ok", said, reading=reading)
    if stuck:
        said = f"{_named(stuck)} did not move although a runner holds it ({limit}): its video would not come"
        fix = "the watchdog restarts the runner, and the run goes on from its checkpoint; look into <home>/logs if it stands still again"
        return Judgement("runs", "critical", said, fix, reading, tuple(_restart_runner(run) for run in stuck if run.owner))
    if left:
        return Judgement("runs", "warning", f"{_named(left)} has no runner ({limit}): nobody works on it", "`ytempire resume` continues it", reading)
    return Judgement("runs", "ok", f"{len(work.runs)} unfinished runs, all moving", reading=reading)


def _restart_runner(run: RunPulse) -> Act:
    return Act("restart", f"runner:{run.owner}", f"run {run.id} did not move for {run.quiet_s:.0f} s", again_after_s=3600.0)


def judge_approvals(work: Work, limits: Limits) -> Judgement:
    """A question that nobody answers expires, and what was asked about is not published: silence is no consent."""
    old = [one for one in work.approvals if one.age_s > limits.approval_s]
    oldest = max((one.age_s for one in work.approvals), default=0.0)
    reading = {"pending": len(work.approvals), "oldest_s": round(oldest), "expired": [one.id for one in old]}
    hours = limits.approval_s / 3600
    if old:
        said = f"{len(old)} questions waited longer than {hours:.0f} h for a person: they expire, and nothing of them is published"
        fix = "answer sooner with `ytempire approve`, raise YTEMPIRE_APPROVAL_EXPIRES_H, or let the channel's autonomy be `policy`"
        acts = tuple(Act("expire_approval", one.id, f"unanswered for {one.age_s / 3600:.0f} h") for one in old)
        return Judgement("approvals", "warning", said, fix, reading, acts)
    if oldest > limits.approval_s / 2:
        said = f"{len(work.approvals)} questions wait, the oldest for {oldest / 3600:.0f} h of {hours:.0f}: it will expire unpublished"
        return Judgement("approvals", "warning", said, "answer with `ytempire approve`", reading)
    return Judgement("approvals", "ok", f"{len(work.approvals)} questions wait for a person", reading=reading)


def judge_queues(work: Work, limits: Limits, before: Mapping[str, tuple[int, ...]]) -> Judgement:
    """Jobs that are due must be taken in time, a queue that has jobs must have workers, and none may only grow."""
    held = any(scope.startswith("tool:") for scope in work.braked)
    told = [(queue, *_judge_queue(queue, limits, before.get(queue.queue, ()), held)) for queue in work.queues]
    reading = {queue.queue: {"waiting": queue.waiting, "oldest_s": round(queue.oldest_s), "workers": queue.workers} for queue in work.queues}
    worst = [one for one in told if one[1] == "critical"] or [one for one in told if one[1] == "warning"]
    if worst:
        said = "; ".join(f"{queue.queue}: {why}" for queue, _, why in worst)
        fix = "see `ytempire watchdog` for processes that crash; start more workers (YTEMPIRE_WORKERS_IO, _CPU, or `ytempire worker` on another machine)"
        return Judgement("queues", worst[0][1], f"{said}: videos will be late", fix, reading)
    return Judgement("queues", "ok", "every due job is taken in time", reading=reading)


def _judge_queue(queue: QueueState, limits: Limits, before: tuple[int, ...], held: bool) -> tuple[Status, str]:
    if queue.waiting and not queue.workers:
        late: Status = "critical" if queue.oldest_s > limits.worker_silent_s else "warning"
        return late, f"{queue.waiting} jobs wait and no worker serves the queue"
    if queue.oldest_s > limits.queue_critical_s and not held:
        return "critical", f"a due job has waited for {queue.oldest_s / 60:.0f} min (limit {limits.queue_critical_s / 60:.0f})"
    if queue.oldest_s > limits.queue_warning_s:
        return "warning", f"a due job has waited for {queue.oldest_s / 60:.0f} min (limit {limits.queue_warning_s / 60:.0f})"
    if grows(before, queue.waiting, limits.queue_growth):
        return "warning", f"it only grows, from {before[0]} to {queue.waiting} waiting jobs"
    return "ok", ""


def grows(before: tuple[int, ...], now: int, by: int) -> bool:
    """Say whether a count never fell over the readings before and has risen by more than `by` altogether."""
    counts = (*before, now)
    return len(counts) > 5 and counts[-1] - counts[0] > by and all(later >= earlier for earlier, later in zip(counts, counts[1:], strict=False))


def judge_dead_letters(work: Work, limits: Limits) -> Judgement:
    """Jobs that end without a result are answers now and then; many in an hour, or one that kills its workers, are trouble."""
    reading = {"last_hour": work.dead.last_hour, "quarantined": work.dead.quarantined}
    fix = "`ytempire runs show RUN` names the job and its error"
    if work.dead.last_hour > limits.dead_letters:
        said = f"{work.dead.last_hour} jobs ended without a result within an hour (limit {limits.dead_letters}): their runs fail or go without"
        return Judgement("dead_letters", "warning", said, fix, reading)
    if work.dead.quarantined:
        said = f"{work.dead.quarantined} jobs are quarantined because they killed three workers: they are not tried again"
        return Judgement("dead_letters", "warning", said, fix, reading)
    return Judgement("dead_letters", "ok", f"{work.dead.last_hour} jobs ended without a result within the hour", reading=reading)


def judge_checks(work: Work, limits: Limits) -> Judgement:
    """A look at a publication that is due must be taken: trouble would go unnoticed."""
    reading = {"due": work.checks.count, "oldest_s": round(work.checks.oldest_s)}
    if work.checks.count and work.checks.oldest_s > limits.checks_late_s:
        said = f"{work.checks.count} looks at publications are due, the oldest for {work.checks.oldest_s / 60:.0f} min (limit {limits.checks_late_s / 60:.0f})"
        return Judgement(
            "checks", "warning", f"{said}: trouble would go unnoticed", "the watcher makes them: see its heartbeat and <home>/logs/watcher.log", reading
        )
    return Judgement("checks", "ok", f"{work.checks.count} looks are due", reading=reading)


def judge_wakes(work: Work, limits: Limits) -> Judgement:
    """An autonomous run must be woken when it is due: otherwise nothing is begun, published or reported."""
    reading = {"due": work.wakes.count, "oldest_s": round(work.wakes.oldest_s)}
    if work.wakes.count and work.wakes.oldest_s > limits.wakes_late_s:
        said = f"{work.wakes.count} autonomous runs should have been woken, the oldest {work.wakes.oldest_s:.0f} s ago (limit {limits.wakes_late_s:.0f} s)"
        fix = "the conductor wakes them: see its heartbeat and <home>/logs/conductor.log, or run `ytempire up`"
        return Judgement("autonomous_runs", "critical", f"{said}: nothing of them is begun or published", fix, reading)
    return Judgement("autonomous_runs", "ok", f"{work.wakes.count} are due to be woken", reading=reading)


def judge_backup(work: Work, limits: Limits) -> Judgement:
    """Where backups are made, the newest good one must be young: what is lost with the disk is everything since."""
    age_s = work.backup_age_s
    if age_s is None:
        return Judgement("backup", "ok", "no backup was ever begun here", reading={"age_s": None})
    reading = {"age_s": round(age_s)}
    if age_s > limits.backup_s:
        said = f"the newest good backup is {age_s / 3600:.0f} h old (limit {limits.backup_s / 3600:.0f} h): a lost disk would take everything since"
        return Judgement("backup", "critical", said, "`ytempire backup` makes one now and says what fails", reading)
    return Judgement("backup", "ok", f"the newest good backup is {age_s / 3600:.1f} h old", reading=reading)


def judge_messages(work: Work, limits: Limits) -> Judgement:
    """An alarm that reaches nobody is none: the signal to the outside is then withheld, so that its receiver raises one."""
    reading = {"untold": work.untold.count, "oldest_s": round(work.untold.oldest_s)}
    if work.untold.count and work.untold.oldest_s > limits.untold_s:
        said = f"{work.untold.count} critical messages reach nobody, the oldest for {work.untold.oldest_s / 60:.0f} min (limit {limits.untold_s / 60:.0f})"
        fix = "correct YTEMPIRE_NOTIFY; the signal to the outside is withheld until they are told"
        return Judgement("messages", "critical", f"{said}: the operator does not know", fix, reading)
    return Judgement("messages", "ok", "nothing critical waits to be told", reading=reading)


def _named(runs: list[RunPulse]) -> str:
    first = f"run {runs[0].id} of {runs[0].channel_id} ({runs[0].quiet_s / 60:.0f} min)"
    return first if len(runs) == 1 else f"{first} and {len(runs) - 1} more"
