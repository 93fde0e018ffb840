"""Counters: what those who watch a server read."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from mlops.serving.counters import Counters
from mlops.serving.live import Live
from tests.serving.servers import a_row, serving


def read(text: str) -> dict[tuple[str, ...], float]:
    """Return the samples of a text by name and labels, as a monitoring tool reads it."""
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_one_version_answers_at_a_time_and_swaps_are_counted(released):
    """The version before is no longer there with a 0: whoever draws them would see it for ever."""
    counters, live = Counters(), Live(released, "production")
    counters.watch(live)
    live.look()
    released.rollback("production", "complaints")
    live.look()
    found = read(counters.text().decode())

    assert [key for key in found if key[0] == "mlops_answering"] == [
        ("mlops_answering", "production", "churn_model", "1.0.0")
    ]
    assert [found["mlops_swaps_total",], found["mlops_failed_loads_total",], found["mlops_trouble",]] == [2, 0, 0]


def test_requests_are_counted_by_route_and_status_and_rows_by_version(released):
    """A row that is refused is a request and no row that was answered; a path that nobody knows makes no new label."""
    with serving(released) as here:
        ask, row = here.ask, a_row(released)
        for body in (row, [row, row], {**row, "age": "old"}):
            ask("/predict", body)
        for number in range(3):
            ask(f"/no/such/{number}")
        found = read(ask("/metrics")[1])

    assert found["mlops_requests_total", "/predict", "200"] == 2
    assert found["mlops_requests_total", "/predict", "422"] == 1
    assert sum(value for (name, *_), value in found.items() if name == "mlops_requests_total") == 6
    assert found["mlops_rows_total", "production", "churn_model", "1.1.0"] == 3
    assert found["mlops_request_seconds_count", "/predict"] == 3
