"""What is counted of requests: how many, how many failed, how long they took; by route template, so that the series stay few."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetrics:
    """Rate, errors and duration of requests, in a registry of the application's own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._count = Counter("ytempire_http_requests_total", "Requests served.", ("method", "route", "status"), registry=registry)
        self._time = Histogram(
            "ytempire_http_request_duration_seconds", "Time to the last byte of an answer.", ("method", "route"), buckets=_BUCKETS, registry=registry
        )
        self._open = Gauge("ytempire_http_requests_open", "Requests being served now.", registry=registry)

    def begin(self) -> None:
        """Count a request that came in."""
        self._open.inc()

    def end(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count what became of it; a method that HTTP does not know is not a label."""
        named = method if method in _METHODS else "other"
        self._open.dec()
        self._count.labels(named, route, str(status)).inc()
        self._time.labels(named, route).observe(seconds)
