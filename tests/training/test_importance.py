"""Importance: what made the difference in a sweep whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from mlops.base.errors import InvalidError
from mlops.experiments.runs import Run
from mlops.training import importance, sweeps

RANDOM = np.random.default_rng(1)
PARAMS = [
    {"model.a": float(RANDOM.uniform()), "model.b": int(RANDOM.integers(1, 6)), "model.c": ["x", None, "y"][n % 3]}
    for n in range(200)
]


def sweep_of(score, count=200):
    """A sweep whose trials have the scores that a function gives their parameters."""
    blank = {"status": "finished", "intervals": {}, "rows_sha256": {}, "tags": {"sweep": "s1"}}
    trials = [
        Run.of({**blank, "run_id": f"r{n}", "params": params, "metrics": {"validation": {"auc": score(params)}}})
        for n, params in enumerate(PARAMS[:count])
    ]
    return sweeps.ranked("s1", trials)


def test_shares_are_those_of_the_variance():
    """Of a sum of two independent terms, each has the share of its own variance."""
    terms = [
        np.var([2 * params["model.a"] for params in PARAMS]),
        np.var([0.2 * params["model.b"] for params in PARAMS]),
    ]
    found = importance.of(sweep_of(lambda params: 2 * params["model.a"] + 0.2 * params["model.b"]))

    shares = {one["key"]: one["importance"] for one in found.parameters}
    assert shares == pytest.approx(
        {"model.a": terms[0] / sum(terms), "model.b": terms[1] / sum(terms), "model.c": 0.0}, abs=0.06
    )
    assert found.explained > 0.95 and found.warning is None


def test_a_valley_is_important_and_not_correlated():
    """Correlation alone would miss a parameter that is best in the middle."""
    found = importance.of(sweep_of(lambda params: -((params["model.a"] - 0.5) ** 2)))

    assert found.parameters[0]["key"] == "model.a" and found.parameters[0]["importance"] > 0.8
    assert abs(found.parameters[0]["correlation"]) < 0.3


def test_the_correlation_has_the_direction():
    """Below 0: larger values, lower scores; what is no number has none."""
    found = importance.of(sweep_of(lambda params: -params["model.a"]))

    correlations = {one["key"]: one["correlation"] for one in found.parameters}
    assert correlations["model.a"] == pytest.approx(-1) and correlations["model.c"] is None


def test_levels_that_are_no_numbers_can_matter():
    """None and text are values like any other."""
    found = importance.of(sweep_of(lambda params: float(params["model.c"] is None)))

    assert found.parameters[0]["key"] == "model.c" and found.parameters[0]["importance"] > 0.8


def test_pure_luck_is_called_luck():
    """The forest cannot tell trials that it was not shown, and the importances come with that warning."""
    luck = np.random.default_rng(2)
    found = importance.of(sweep_of(lambda _: float(luck.normal())))

    assert found.explained < 0.1 and "luck" in found.warning


def test_equal_scores_have_no_cause():
    """Nothing is divided by a variance of zero."""
    found = importance.of(sweep_of(lambda _: 0.8))

    assert {one["importance"] for one in found.parameters} == {0.0} and found.explained == 0


def test_of_a_parameter_whose_other_values_failed_nothing_is_said():
    """Its trials do not differ in it; that is no sign that it does not matter."""
    sweep = sweep_of(lambda params: params["model.a"], 60)
    failed = [
        Run.of({**run.as_dict(), "status": "failed", "metrics": {}}) if run.params["model.b"] > 1 else run
        for run in sweep.trials
    ]
    found = importance.of(sweeps.ranked("s1", failed))

    assert {one["key"] for one in found.parameters} == {"model.a", "model.c"} and found.trials < 60


def test_few_trials_come_with_a_warning():
    """Thirty for three parameters are enough, twenty are not."""
    score = lambda params: params["model.a"]  # noqa: E731 - one line, used twice

    assert "20 trials are few for 3 parameters" in importance.of(sweep_of(score, 20)).warning
    assert importance.of(sweep_of(score, 30)).warning is None


def test_too_few_trials_have_no_answer():
    """Four points show nothing."""
    with pytest.raises(InvalidError, match="4 finished trials"):
        importance.of(sweep_of(lambda params: params["model.a"], 4))


def test_the_answer_does_not_depend_on_the_order_of_the_trials():
    """The same sweep tells the same, whoever was faster."""
    score = lambda params: 2 * params["model.a"] + params["model.b"]  # noqa: E731 - one line, used twice
    sweep = sweep_of(score, 40)
    turned = sweeps.ranked("s1", sweep.trials[::-1])

    assert importance.of(turned) == importance.of(sweep)


def test_a_workspace_tells_what_mattered(trained):
    """Real trials: a forest of one depth, with few and many trees."""
    sweep = trained.sweep(
        "model: {type: gradient_boosting, n_estimators: 5}\ntraining: {test_size: 0.5}\n",
        {"model.learning_rate": "0.01,0.1,0.5", "model.max_depth": "1,2"},
    )
    found = trained.sweeps.importance(sweep.sweep_id)

    assert {one["key"] for one in found.parameters} == set(sweep.keys) and found.trials == 6
