"""Counters: what a server tells those who watch it, in the format that monitoring tools read.

Each server has a registry of its own, so that two in one process do not count for each other.
"""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from mlops.serving.live import Answering, Live

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""What `Counters.text` is."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Bounds of the histogram of answering times."""

VERSION = ("environment", "model", "version")


class Counters:
    """The counters of one server.

    Examples
    --------
    >>> counters = Counters()
    >>> counters.request("/predict", 200, 0.004)
    >>> 'mlops_requests_total{route="/predict",status="200"} 1.0' in counters.text().decode()
    True
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter("mlops_requests", "Requests.", ("route", "status"), registry=self.registry)
        self._seconds = Histogram(
            "mlops_request_seconds", "Time until the answer.", ("route",), buckets=SECONDS, registry=self.registry
        )
        self._rows = Counter("mlops_rows", "Rows answered.", VERSION, registry=self.registry)
        self._live = Gauge("mlops_answering", "1 for the version that answers.", VERSION, registry=self.registry)
        self._swaps = Counter("mlops_swaps", "Versions that became the one that answers.", registry=self.registry)
        self._failures = Counter("mlops_failed_loads", "Versions that could not be loaded.", registry=self.registry)
        self._trouble = Gauge(
            "mlops_trouble", "1 while the newest deployment is not what answers.", registry=self.registry
        )
        self._queue = Gauge("mlops_queue", "Requests that wait for the model.", registry=self.registry)

    def watch(self, live: Live) -> None:
        """Count the swaps, failures and trouble of a server's version."""

        def swapped(now: Answering) -> None:
            self._swaps.inc()
            self._live.clear()
            self._live.labels(live.environment, *_named(now)).set(1)

        live.on_swap.append(swapped)
        live.on_failure.append(self._failures.inc)
        live.on_trouble.append(lambda trouble: self._trouble.set(trouble is not None))

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered.

        Parameters
        ----------
        route : str
            The route as it is written, never the path that was asked for: that could be anything.
        """
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def rows(self, environment: str, by: Answering, number: int) -> None:
        """Count rows that a version answered."""
        self._rows.labels(environment, *_named(by)).inc(number)

    def waiting(self, requests: int) -> None:
        """Say how many requests wait for the model."""
        self._queue.set(requests)

    def text(self) -> bytes:
        """Return all of them as `CONTENT_TYPE`."""
        return generate_latest(self.registry)


def _named(version: Answering) -> tuple[str, str]:
    return version.loaded.version.name, version.loaded.version.version
