"""How the studio stands, as metrics: read from the database at each scrape, so that they are the same whichever process is asked."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from api.http.state import ServiceState
from infra.machine import room_of
from memory.repositories.gauges import GaugeRepository
from memory.repositories.quota import QuotaLedger
from memory.repositories.tool_durations import BOUNDS_S, ToolDuration, ToolDurationRepository
from memory.repositories.vitals import VitalsRepository
from tools.registry import TOOLS

_WORKER_ALIVE_S = 60.0
_TOOLS = frozenset(spec.name for spec in TOOLS)
# Name, what it tells, and the names of the labels: by the figures of the repository.
_LABELLED: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "heartbeat": ("ytempire_process_last_heartbeat_timestamp_seconds", "When a lasting process last said that it lives.", ("process",)),
    "attempts": ("ytempire_task_attempts_last_day", "Attempts at jobs that began within a day.", ("tool", "outcome")),
    "publications": ("ytempire_publications", "Publications by state.", ("state",)),
    "cost": ("ytempire_cost_usd_today", "Spent or reserved in this UTC day.", ("provider",)),
    "circuits": ("ytempire_breaker_state", "Whether a provider may be called: 0 yes, 1 on trial, 2 no.", ("provider",)),
    "incidents": ("ytempire_incidents_unresolved", "Incidents that are not resolved.", ("severity",)),
    "runs": ("ytempire_runs_unfinished", "Runs that have not ended.", ("status",)),
    "backup_age": ("ytempire_backup_age_seconds", "How long ago the last good backup of a kind ended.", ("kind",)),
    "drill_age": ("ytempire_restore_drill_age_seconds", "How long ago the last restore drill with that outcome ended.", ("outcome",)),
    "drill": ("ytempire_restore_drill_last_duration_seconds", "How long the last restore drill took, under its outcome.", ("outcome",)),
}
_SINGLE: Mapping[str, tuple[str, str]] = {
    "dead_jobs": ("ytempire_dlq_depth", "Jobs that ended without a result and wait for a person."),
    "pending_approvals": ("ytempire_approvals_pending", "Decisions that wait for a person."),
    "approval_age": ("ytempire_approval_age_seconds", "Age of the oldest decision that waits."),
    "spent_today": ("ytempire_spent_usd_today", "Spent or reserved in this UTC day, all providers."),
    "checkpoints": ("ytempire_checkpoint_rows", "Checkpoints kept, as the planner estimates."),
    "last_backup": ("ytempire_backup_last_success_timestamp_seconds", "When the last good backup ended; 0 for never."),
    "connections": ("ytempire_database_connections", "Connections to the studio's database."),
}


class _Given(Collector):
    """Hands out what was read already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def studio_metrics(state: ServiceState) -> CollectorRegistry:
    """Return a registry of what the database says now."""
    now = state.clock.now()
    with state.studio.unit_of_work() as session:
        gauges, vitals = GaugeRepository(session), VitalsRepository(session)
        labelled, single = gauges.by_label(), gauges.single()
        durations = ToolDurationRepository(session).last_day(_TOOLS)
        queues, runs = vitals.queues(_WORKER_ALIVE_S), vitals.runs()
        quota = QuotaLedger(session, now, state.settings.youtube_granted).summary(state.settings.youtube_client_id or "")
    quietest, left = max((one.quiet_s for one in runs), default=0.0), state.settings.limit_day_usd - single["spent_today"]
    families: list[Metric] = [_family(*_LABELLED[name], values) for name, values in labelled.items()]
    families += [_family(*_SINGLE[name], (), {"": value}) for name, value in single.items() if name in _SINGLE]
    families += [
        _family("ytempire_queue_depth", "Jobs that could be worked on and wait.", ("queue",), {one.queue: one.waiting for one in queues}),
        _family("ytempire_queue_oldest_age_seconds", "For how long the oldest of them waits.", ("queue",), {one.queue: one.oldest_s for one in queues}),
        _family("ytempire_queue_workers", "Workers that serve a queue.", ("queue",), {one.queue: one.workers for one in queues}),
        _family("ytempire_run_quiet_seconds", "For how long the quietest unfinished run has not moved.", (), {"": quietest}),
        _family("ytempire_quota_remaining", "What is left of today's quota of the platform.", ("bucket",), quota),
        _family("ytempire_budget_remaining_usd", "What the studio may still spend in this UTC day.", (), {"": left}),
        _family("ytempire_clock_offset_seconds", "The database's clock less this machine's.", (), {"": single["clock"] - state.clock.now().timestamp()}),
        _family("ytempire_read_pool", "The pool of connections for reads, by figure.", ("figure",), state.reads.stats()),
    ]
    families += [_durations(durations), *_machine_families(state), *_cache_families(state)]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given(families))
    return registry


def _durations(durations: Mapping[str, ToolDuration]) -> Metric:
    """Return how long tools took. Of one day, so that it falls as well: ask its buckets for quantiles as they are, and no rate of them."""
    family = HistogramMetricFamily("ytempire_tool_duration_last_day_seconds", "How long attempts took that began within a day and succeeded.", labels=("tool",))
    for tool, one in sorted(durations.items()):
        buckets = [(f"{bound:g}", float(count)) for bound, count in zip(BOUNDS_S, one.at_most, strict=True)]
        family.add_metric((tool,), [*buckets, ("+Inf", float(one.count))], one.sum_s)
    return family


def _machine_families(state: ServiceState) -> list[Metric]:
    """Return what is left of the disks of this home and its media, and of this machine's memory."""
    folders = {"home": state.settings.home, "media": state.settings.media_root}
    rooms = {name: room_of(folder) for name, folder in folders.items()}
    memory = {"available": rooms["home"].memory_available, "total": rooms["home"].memory_total}
    return [
        _family(
            "ytempire_disk_free_bytes", "What may still be written to the disk of a place.", ("place",), {name: one.disk_free for name, one in rooms.items()}
        ),
        _family("ytempire_disk_size_bytes", "The size of that disk.", ("place",), {name: one.disk_total for name, one in rooms.items()}),
        _family("ytempire_memory_bytes", "The machine's memory: what programs may still have, and all there is.", ("kind",), memory),
    ]


def _cache_families(state: ServiceState) -> list[Metric]:
    """Return how often kept reads were served, and the share of it since the service began, by policy."""
    counts, rates = state.cache.counts, {}
    reads = CounterMetricFamily("ytempire_cache_reads", "Reads that may be kept, by what became of them.", labels=("policy", "outcome"))
    for (policy, outcome), count in sorted(counts.items()):
        reads.add_metric((policy, outcome), count)
        asked = counts[policy, "hit"] + counts[policy, "miss"] + counts[policy, "bypassed"]
        rates[policy] = counts[policy, "hit"] / asked if asked else 0.0
    rate = _family("ytempire_cache_hit_ratio", "The share of reads that were kept, since the service began.", ("policy",), rates)
    watching = _family("ytempire_live_watchers", "Sockets and streams that are open.", (), {"": state.feed.watchers})
    return [reads, rate, watching]


def _family(name: str, told: str, labels: tuple[str, ...], values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=labels)
    for label, value in sorted(values.items()):
        family.add_metric(label.split(" ", len(labels) - 1) if labels else (), value)
    return family
