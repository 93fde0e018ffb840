"""Trials: values worth trying, how long a sweep of them may take, and its leaderboard as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mlops.experiments import configs
from mlops.models import estimators
from playground import words

SUGGESTED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "logistic_regression": {"C": ("0.01, 0.1, 1.0, 10.0", "0.001..100 log"), "class_weight": ("null, balanced",) * 2},
    "ridge": {"alpha": ("0.1, 1.0, 10.0", "0.01..1000 log")},
    "random_forest": {
        "max_depth": ("4, 8, 16", "3..20"),
        "min_samples_leaf": ("1, 5, 20", "1..50 log"),
        "max_features": ("sqrt, 0.5, 1.0", "0.1..1.0"),
        "n_estimators": ("50, 100, 200", "50..300"),
    },
    "gradient_boosting": {
        "max_depth": ("2, 3, 4", "1..6"),
        "learning_rate": ("0.05, 0.1, 0.2", "0.01..0.3 log"),
        "n_estimators": ("50, 100, 200", "20..200"),
        "min_samples_leaf": ("1, 10, 50", "1..100 log"),
        "subsample": ("0.6, 0.8, 1.0", "0.5..1.0"),
    },
    "hist_gradient_boosting": {
        "max_leaf_nodes": ("7, 15, 31", "4..63 log"),
        "learning_rate": ("0.05, 0.1, 0.2", "0.01..0.3 log"),
        "max_iter": ("50, 100, 200", "20..300"),
        "min_samples_leaf": ("5, 20, 100", "5..200 log"),
    },
    "k_neighbors": {"n_neighbors": ("5, 15, 45", "3..100 log")},
    "dummy": {},
}
"""By model type and parameter: values for every combination, and what to draw from; the most telling first."""

MEANING = {
    "C": "How freely the model may follow the data; less is smoother.",
    "class_weight": "Whether rare outcomes count more.",
    "alpha": "How strongly large weights are held back; more is smoother.",
    "max_depth": "How many questions in a row one tree may ask.",
    "min_samples_leaf": "How many rows an answer must rest on; more is smoother.",
    "max_features": "What share of the columns a tree may look at for one question.",
    "n_estimators": "How many trees.",
    "max_iter": "How many trees.",
    "learning_rate": "How much each tree corrects; less needs more trees.",
    "subsample": "What share of the rows each tree sees.",
    "max_leaf_nodes": "How many answers one tree may give.",
    "n_neighbors": "How many similar rows vote.",
    "type": "Which kind of model; its other values are then the usual ones.",
}
"""Parameter -> what it does, in one sentence."""

MOST_TYPES = 4

BEGIN = 0.5
"""Seconds from the end of a trial to the beginning of the next, of a worker of its own."""


def suggested(type: str, task: str) -> dict[str, tuple[str, str]]:
    """Return what could be tried for a config: dotted key -> values for every combination, and what to draw from.

    Examples
    --------
    >>> suggested("k_neighbors", "binary")["model.n_neighbors"]
    ('5, 15, 45', '3..100 log')
    """
    types = [one.name for one in estimators.ESTIMATORS if task in one.tasks and one.name != "dummy"][:MOST_TYPES]
    of_model = {f"model.{name}": texts for name, texts in SUGGESTED[type].items()}
    return {**of_model, "model.type": (", ".join(types),) * 2}


TELLING = 30
"""Trials that are looked at before all of them begin, at most."""


def telling(trials: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return a few trials in which every value occurs, up to `TELLING`: if these are valid, the others are.

    Examples
    --------
    >>> telling([{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 2, "b": 2}])
    [{'a': 1, 'b': 1}, {'a': 1, 'b': 2}, {'a': 2, 'b': 1}]
    """
    seen: set[tuple[str, str]] = set()
    chosen: list[Mapping[str, Any]] = []
    for trial in trials:
        values = {(key, repr(value)) for key, value in trial.items()}
        if not values <= seen and len(chosen) < TELLING:
            chosen.append(trial)
            seen |= values
    return chosen


def seconds(config: configs.Config, trials: Sequence[Mapping[str, Any]], like: Any) -> float | None:
    """Return roughly how long trials take one after another, going by a finished run of the same model type.

    The time of a trial is taken to grow with its iterations and with its depth; None if there is no such run, or the
    trials have several types.
    """
    if like is None or any("model.type" in trial for trial in trials):
        return None
    return sum(BEGIN + like.duration_s * _work({**config.params, **trial}) / _work(like.params) for trial in trials)


def _work(params: Mapping[str, Any]) -> float:
    work = 1.0
    for key in ("model.n_estimators", "model.max_iter", "model.max_depth"):
        value = params.get(key)
        work *= value if isinstance(value, int) and params.get("model.type") != "logistic_regression" else 1
    return work


def duration(seconds: float) -> str:
    """Return a rough duration in words.

    Examples
    --------
    >>> duration(7), duration(95), duration(4000)
    ('10 s', '2 min', '1.1 h')
    """
    if seconds < 55:
        return f"{max(10, round(seconds / 10) * 10)} s"
    return f"{max(1, round(seconds / 60))} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def counted(count: int) -> str:
    """Return how many trials, in words.

    Examples
    --------
    >>> counted(1), counted(9)
    ('1 trial', '9 trials')
    """
    return f"{count} trial" if count == 1 else f"{count} trials"


def name(key: str) -> str:
    """Return a parameter as a column heading.

    Examples
    --------
    >>> name("model.max_depth"), name("training.random_state")
    ('max_depth', 'training.random_state')
    """
    return key.removeprefix("model.")


def leaderboard(sweep: Any) -> pd.DataFrame:
    """Return the trials as a table, the best first: place, run, values, the metric with its interval, state, time."""
    score = words.metric_name(sweep.metric)
    bounds = [run.intervals.get("validation", {}).get(sweep.metric) or (None, None) for run in sweep.trials]
    finished = len(sweep.finished)
    return pd.DataFrame(
        {
            "place": pd.array([n if n <= finished else None for n in range(1, len(sweep.trials) + 1)], dtype="Int64"),
            "run": [run.run_id for run in sweep.trials],
            **{name(key): _column([run.params.get(key) for run in sweep.trials]) for key in sweep.keys},
            score: pd.array([sweep.score(run) for run in sweep.trials], dtype="Float64"),
            "low": pd.array([low for low, _ in bounds], dtype="Float64"),
            "high": pd.array([high for _, high in bounds], dtype="Float64"),
            "status": [run.status for run in sweep.trials],
            "seconds": pd.array([run.duration_s for run in sweep.trials], dtype="Float64"),
        }
    )


def _column(values: Sequence[Any]) -> Sequence[Any]:
    """Return values as they are if all are numbers, else as text: a table takes one kind."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return values if numbers else [spelled(value) for value in values]


def spelled(value: Any) -> str:
    """Return the value of a parameter as a config spells it.

    Examples
    --------
    >>> spelled(None), spelled("sqrt"), spelled(0.5), spelled(("age",))
    ('null', 'sqrt', '0.5', '["age"]')
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def verdict(sweep: Any) -> str:
    """Return what the finished trials tell, in words: the best, how it looks beside the others, what to mind.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> verdict(SimpleNamespace(finished=(), trials=(1, 2)))
    'None of 2 trials finished.'
    """
    if not sweep.finished:
        return f"None of {len(sweep.trials)} trials finished."
    best, count = sweep.finished[0], len(sweep.finished)
    values = ", ".join(f"{name(key)} {spelled(best.params.get(key))}" for key in sweep.keys)
    said = f"Best {words.metric_name(sweep.metric)} {words.number(sweep.score(best))}"
    said += f" with {values}." if values else "."
    if not sweep.same_rows:
        return f"{said} These trials were judged by different rows, so their metrics do not rank them."
    if sweep.near > 1:
        said += f" {sweep.near} of {count} lie inside its interval: much of its lead may be luck."
    return said


FEW_VALUES, MANY_VALUES = 3, 12
"""Of so many different values one can say that the best lies at their edge; more are draws, not a grid."""


def edges(sweep: Any) -> list[str]:
    """Return a sentence for each parameter whose best value is the smallest or the largest that was tried.

    Where it is wrong: a metric that no longer changes towards the edge has its best value there by luck.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> tried = [SimpleNamespace(params={"model.max_depth": depth}) for depth in (4, 2, 3)]
    >>> edges(SimpleNamespace(finished=tried, trials=tried, keys=("model.max_depth",), same_rows=True))
    ['The best value of max_depth, 4, lies at the edge of your grid: try larger ones.']
    """
    said: list[str] = []
    if not sweep.finished or not sweep.same_rows:
        return said
    for key in sweep.keys:
        tried = {run.params.get(key) for run in sweep.trials}
        best = sweep.finished[0].params.get(key)
        numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in tried)
        if numbers and FEW_VALUES <= len(tried) <= MANY_VALUES and best in (min(tried), max(tried)):
            where = "larger" if best == max(tried) else "smaller"
            said.append(
                f"The best value of {name(key)}, {spelled(best)}, lies at the edge of your grid: try {where} ones."
            )
    return said
