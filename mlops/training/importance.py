"""Importance: which parameters of a sweep made the difference, and how sure that is.

Two answers side by side, for they fail in different ways. *Importance* is how much worse a random forest guesses the
score of a trial when it is told a wrong value of one parameter; it sees curves and interplay, and has no direction.
*Correlation* is that of ranks; it has a direction, and sees only what rises or falls. Both describe the trials that
were made: a parameter that was varied too little to matter looks as if it did not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops.base.errors import InvalidError
from mlops.base.records import Record, canonical_json

if TYPE_CHECKING:
    from mlops.training.sweeps import Sweep

TREES = 200

MIN_TRIALS = 5
"""Finished trials below which there is no answer."""

ENOUGH = 10
"""Finished trials for each parameter below which an answer comes with a warning."""


@dataclass(frozen=True)
class Importance(Record):
    """What the finished trials of a sweep tell about its parameters."""

    parameters: tuple[Mapping[str, Any], ...]
    """``{key, importance, correlation}`` of each in which finished trials differ, the most important first. Importance
    is in [0, 1]: the share of the differences between scores that goes with the parameter, alone or together with
    others. Correlation is in [-1, 1], above 0 if larger values go with a larger metric; None for what is no number."""
    trials: int
    """How many finished."""
    explained: float
    """Share of the variance of the scores that the forest can tell, of trials it was not shown; at most 1, and 0 or
    less if it knows nothing: then its importances say nothing either."""
    warning: str | None
    """Why not to rely on this, if there is a reason."""


def of(sweep: Sweep) -> Importance:
    """Return how much each parameter of a sweep mattered for its metric.

    Importance is the permutation importance of a random forest on out-of-bag trials (L. Breiman, "Random forests",
    Machine Learning 45, 2001), divided by twice the variance of the scores; of independent parameters this estimates
    the share of variance due to each, its interactions included (B. Gregorutti et al., "Correlation and variable
    importance in random forests", Statistics and Computing 27, 2017). To judge hyperparameters by a forest is the idea
    of fANOVA (F. Hutter et al., ICML 2014). Correlation is Spearman's.

    Raises
    ------
    InvalidError
        If fewer than `MIN_TRIALS` trials finished, or nothing was varied.
    """
    trials = sorted(sweep.finished, key=lambda run: (sweep.score(run) or 0.0, canonical_json(dict(run.params))))
    columns = {key: [run.params[key] for run in trials] for key in sweep.keys}
    # Of a parameter all of whose other values failed nothing is known, least of all that it does not matter.
    columns = {key: values for key, values in columns.items() if any(value != values[0] for value in values)}
    if len(trials) < MIN_TRIALS or not columns:
        raise InvalidError(
            f"{len(trials)} finished trials with {len(columns)} parameters tell nothing about importance.",
            f"Make {MIN_TRIALS} trials at least, and {ENOUGH} for each parameter if you can.",
        )
    scores = np.array([sweep.score(run) for run in trials], dtype=float)
    codes = np.column_stack([_codes(values) for values in columns.values()])
    importances, explained = _permuted(codes, scores)
    found: list[dict[str, Any]] = [
        {"key": key, "importance": float(importance), "correlation": _correlation(values, scores)}
        for (key, values), importance in zip(columns.items(), importances, strict=True)
    ]
    found.sort(key=lambda one: -one["importance"])
    return Importance(tuple(found), len(trials), explained, _warning(len(trials), len(columns), explained))


def _codes(values: Sequence[Any]) -> np.ndarray:
    """Return the place of each value among all, numbers first: a tree asks for nothing but the order."""
    order = sorted({canonical_json(value): value for value in values}.items(), key=_sorting)
    places = {text: place for place, (text, _) in enumerate(order)}
    return np.array([places[canonical_json(value)] for value in values], dtype=float)


def _sorting(entry: tuple[str, Any]) -> tuple[bool, float, str]:
    text, value = entry
    return (False, float(value), text) if _is_number(value) else (True, 0.0, text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _permuted(codes: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the importance of each column, and the share of variance that the forest tells, both out of bag."""
    from sklearn.ensemble import RandomForestRegressor

    variance = scores.var()
    if variance == 0:
        return np.zeros(codes.shape[1]), 0.0
    forest = RandomForestRegressor(TREES, oob_score=True, random_state=0).fit(codes, scores)
    random, lost = np.random.default_rng(0), []
    for tree, drawn in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        out = np.setdiff1d(np.arange(len(scores)), drawn)
        if len(out) < 2:
            continue
        right = np.mean((tree.predict(codes[out]) - scores[out]) ** 2)
        lost.append([np.mean((wrong - scores[out]) ** 2) - right for wrong in _with_wrong(tree, codes[out], random)])
    return np.clip(np.mean(lost, axis=0) / (2 * variance), 0, 1), float(forest.oob_score_)


def _with_wrong(tree: Any, rows: np.ndarray, random: np.random.Generator) -> list[np.ndarray]:
    """Return what a tree guesses when one column, each in turn, holds the values of other rows."""
    guesses = []
    for column in range(rows.shape[1]):
        shuffled = rows.copy()
        shuffled[:, column] = random.permutation(shuffled[:, column])
        guesses.append(tree.predict(shuffled))
    return guesses


def _correlation(values: Sequence[Any], scores: np.ndarray) -> float | None:
    from scipy import stats

    if not all(_is_number(value) for value in values) or scores.var() == 0:
        return None
    return float(stats.spearmanr(np.array(values, dtype=float), scores).statistic)


def _warning(trials: int, parameters: int, explained: float) -> str | None:
    if trials < ENOUGH * parameters:
        return (
            f"{trials} trials are few for {parameters} parameter{'s' if parameters > 1 else ''}: "
            f"with fewer than {ENOUGH * parameters}, luck can order them."
        )
    if explained < 0.3:
        return "The scores hardly follow from these parameters: most of what differs is luck."
    return None
