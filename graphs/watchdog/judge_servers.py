"""Judgements of the servers: whether the database and the queue's server answer, keep what they are told, and have room for more."""

from graphs.watchdog.findings import Act, Judgement, Limits, Vitals
from infra.embedded.redis import Persistence
from memory.vitals import DatabaseState

_IDLE = "idle in transaction"


def judge_database(vitals: Vitals, limits: Limits) -> Judgement:
    """The database holds the truth: without it nothing goes on, and nothing but the outside signal can say so."""
    state = vitals.database
    if state is None:
        said = f"the database does not answer ({vitals.missed.get('database', 'unknown')}): nothing goes on"
        return Judgement("database", "critical", said, "its supervisor restarts it; see <home>/logs/postgres.log, and the room on the disk")
    reading = {"answered_ms": round(state.answered_s * 1000), "connections": state.connections, "allowed": state.allowed}
    if state.answered_s > limits.answer_s:
        said = f"a query took {state.answered_s:.1f} s (limit {limits.answer_s:.0f} s): leases run out while their holders wait"
        return Judgement("database", "warning", said, "look for a full disk, or another program that takes the machine", reading)
    if state.connections > limits.connections_share * state.allowed:
        said = f"{state.connections} of {state.allowed} connections are taken (limit {limits.connections_share:.0%}): the next process may get none"
        return Judgement("database", "warning", said, "end what does not belong here, or put a connection pooler before the database", reading)
    return Judgement("database", "ok", f"answers in {state.answered_s * 1000:.0f} ms, {state.connections} of {state.allowed} connections", reading=reading)


def judge_transactions(state: DatabaseState, limits: Limits) -> Judgement:
    """A session that opened a transaction and does nothing keeps locks and old rows; it is ended, and its client tries again."""
    idle = [one for one in state.sessions if one.state and one.state.startswith(_IDLE) and one.state_s > limits.idle_transaction_s]
    long = [one for one in state.sessions if one not in idle and one.transaction_s > limits.transaction_s]
    reading = {"open": len(state.sessions), "longest_s": round(max((one.transaction_s for one in state.sessions), default=0.0))}
    if idle:
        said = f"{len(idle)} sessions are idle in a transaction for more than {limits.idle_transaction_s:.0f} s: they keep locks and old rows"
        acts = tuple(Act("end_session", str(one.pid), f"idle in its transaction for {one.state_s:.0f} s") for one in idle)
        return Judgement("transactions", "warning", said, "the watchdog ends those of the studio's own role", reading, acts)
    if long:
        said = f"a transaction has been open for {long[0].transaction_s / 60:.0f} min (limit {limits.transaction_s / 60:.0f}): old rows cannot be removed"
        return Judgement("transactions", "warning", said, "see pg_stat_activity for what it does", reading)
    return Judgement("transactions", "ok", f"{len(state.sessions)} transactions are open", reading=reading)


def judge_redis(redis: Persistence | None, vitals: Vitals, limits: Limits) -> Judgement:
    """The queue's server must answer and keep its append-only file; what it loses is rebuilt from the database."""
    if redis is None:
        said = f"Redis does not answer ({vitals.missed.get('redis', 'unknown')}): no job reaches a worker"
        return Judgement("redis", "critical", said, "its supervisor restarts it; see <home>/logs/redis.log")
    reading = {"append_only": redis.append_only, "written": redis.written, "used_mb": redis.used_bytes >> 20, "most_mb": redis.most_bytes >> 20}
    if not redis.written:
        said = "Redis could not write its append-only file: queues would be empty after a crash until the reconciler has rebuilt them"
        return Judgement("redis", "critical", said, "look for room on the disk", reading)
    if not redis.append_only:
        said = "Redis keeps no append-only file: after a crash the reconciler rebuilds the queues from the database, some seconds later"
        return Judgement("redis", "warning", said, "set `appendonly yes` on your Redis server", reading)
    if redis.most_bytes and redis.used_bytes > limits.redis_share * redis.most_bytes:
        said = f"Redis uses {redis.used_bytes >> 20} of {redis.most_bytes >> 20} MB (limit {limits.redis_share:.0%}): it will refuse new entries"
        return Judgement("redis", "warning", said, "see which keys are not ours, or raise its maxmemory", reading)
    return Judgement("redis", "ok", f"answers, {redis.used_bytes >> 20} MB, append-only file on", reading=reading)
