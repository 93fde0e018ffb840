"""What a beginner is offered to try, and what the screen says of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mlops.experiments import configs
from mlops.experiments.runs import Run
from mlops.models import estimators
from mlops.training import grids
from playground import trials

OFFERED = [(one.name, task) for one in estimators.ESTIMATORS for task in one.tasks]


@pytest.mark.parametrize(("type", "task"), OFFERED)
def test_everything_that_is_offered_can_be_tried(type, task):
    """In a grid and in draws, each parameter on its own; and each has a sentence that explains it."""
    for key, texts in trials.suggested(type, task).items():
        for text, draws in zip(texts, (None, 5), strict=True):
            planned = grids.trials({key: text}, draws, seed=1)

            assert 2 <= len(planned) <= 5 and trials.MEANING[key.removeprefix("model.")]
            assert all(configs.load(f"model: {{type: {type}}}", overrides=trial) for trial in planned)


def test_a_wrong_value_is_among_the_trials_that_are_looked_at():
    """Not every combination is checked before each click, but every value is."""
    planned = grids.trials({"a": list(range(10)), "b": list(range(20))})
    looked_at = trials.telling(planned)

    assert len(looked_at) <= 30
    assert {(trial["a"]) for trial in looked_at} == set(range(10))
    assert {(trial["b"]) for trial in looked_at} == set(range(20))


def test_time_grows_with_the_trees_of_the_trials():
    """Twice the trees, about twice the time; of trials of several types nothing is said."""
    config = configs.load("model: {type: gradient_boosting}\n")
    like = Run.of({"status": "finished", "duration_s": 10.0, "data": {"name": "a"}, "params": config.params})

    assert trials.seconds(config, [{"model.n_estimators": 200}], like) == pytest.approx(20 + trials.BEGIN)
    assert trials.seconds(config, [{"model.type": "dummy"}], like) is None


@pytest.mark.parametrize(
    ("tried", "best", "said"),
    [
        ((1, 2, 3, 4), 4, ["The best value of max_depth, 4, lies at the edge of your grid: try larger ones."]),
        ((1, 2, 3, 4), 1, ["The best value of max_depth, 1, lies at the edge of your grid: try smaller ones."]),
        ((1, 2, 3, 4), 2, []),
        ((1, 2), 2, []),
        (tuple(range(30)), 29, []),
        (("sqrt", 0.5, 1.0), 1.0, []),
        ((True, False, None), True, []),
    ],
)
def test_a_best_value_at_the_edge_of_a_grid_is_said(tried, best, said):
    """Of a grid of numbers; two values have nothing but edges, and draws are no grid."""
    trials_of = [SimpleNamespace(params={"model.max_depth": one}) for one in (best, *tried)]
    sweep = SimpleNamespace(finished=trials_of, trials=trials_of, keys=("model.max_depth",), same_rows=True)
    assert trials.edges(sweep) == said
    sweep.same_rows = False
    assert trials.edges(sweep) == []
