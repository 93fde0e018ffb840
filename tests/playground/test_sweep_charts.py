"""Figures of a sweep: what is drawn is what the table says."""

from __future__ import annotations

import pandas as pd
import pytest

from mlops.experiments.runs import Run
from mlops.training import sweeps
from playground import trials
from playground.charts import sweep as charts


def made(number, depth, rate, score, status="finished"):
    metrics = {"validation": {"auc": score}} if score else {}
    return Run.of(
        {
            "run_id": f"r{number}", "status": status, "params": {"model.max_depth": depth, "model.learning_rate": rate},
            "metrics": metrics, "intervals": {"validation": {"auc": [score - 0.02, score + 0.02]}} if score else {},
            "rows_sha256": {"validation": "a"}, "tags": {"sweep": "s1"}, "duration_s": 1.0,
        }
    )  # fmt: skip


@pytest.fixture
def table():
    """Three finished trials and a queued one."""
    runs = [made(1, 2, 0.01, 0.80), made(2, None, 0.1, 0.85), made(3, 4, 0.3, 0.82), made(4, 4, 0.2, None, "queued")]
    return trials.leaderboard(sweeps.ranked("s1", runs))


def test_the_table_has_the_best_first_and_what_waits_last(table):
    """Places are those of the finished trials."""
    assert list(table["run"]) == ["r2", "r3", "r1", "r4"]
    assert table["place"].dropna().tolist() == [1, 2, 3] and pd.isna(table["AUC"].iloc[3])


def test_the_leaderboard_draws_each_finished_trial_with_its_interval(table):
    """The band is the interval of the best."""
    drawn = charts.leaderboard(table, "AUC")

    assert list(drawn.data[0].x) == [0.85, 0.82, 0.80]
    assert (drawn.layout.shapes[0].x0, drawn.layout.shapes[0].x1) == pytest.approx((0.83, 0.87))


def test_parallel_axes_are_numbers_logarithms_or_levels(table):
    """No limit is a level; rates over more than a magnitude are logarithms; the metric is the last axis."""
    axes = {
        axis.label: axis for axis in charts.parallel(table, ["max_depth", "learning_rate"], "AUC").data[0].dimensions
    }

    assert list(axes["max_depth"].ticktext) == ["2", "4", "null"]
    assert list(axes["learning_rate"].values) == pytest.approx([-1, -0.523, -2], abs=0.001)
    assert list(axes["AUC"].values) == [0.85, 0.82, 0.80]


def test_a_slice_stars_the_best(table):
    """Its value is seen at once."""
    drawn = charts.slice_of(table, "learning_rate", "AUC")

    assert drawn.layout.xaxis.type == "log" and drawn.data[0].marker.symbol[0] == "star"


def test_ticks_stand_at_the_values_that_were_tried():
    """And are spelled as they were typed: 200 trees, not 2e+02."""
    runs = [made(trees, 2, trees, 0.8) for trees in (10, 50, 200)]
    table = trials.leaderboard(sweeps.ranked("s1", runs))

    assert list(charts.slice_of(table, "learning_rate", "AUC").layout.xaxis.ticktext) == ["10", "50", "200"]


def test_levels_of_a_slice_go_by_size(table):
    """No limit stands behind the largest number, wherever the best trial is."""
    drawn = charts.slice_of(table, "max_depth", "AUC")

    assert list(drawn.layout.xaxis.categoryarray) == ["2", "4", "null"]
