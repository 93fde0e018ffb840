"""Intervals: how far a number that was measured on some rows may be from the truth.

A metric is a function of weighted rows. Its derivative by the weight of a row is the row's *pull* (Jaeckel's
infinitesimal jackknife): the squares of the pulls sum to the variance, and how unequal they are tells how well that
variance is known. Few positive rows pull at an AUC, and they hide the rare row that would pull hardest; what is done
about it, and what was measured, stands in `docs/decisions/0011-intervals-that-hold.md`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from mlops.models.metrics import Metric

PRIOR_ROWS = 2
"""Rows that are thought of beside those that are there, each half as uncertain as a yes or no."""
NOTHING = 1e-24
"""A variance below it is rounding."""


def of(every: Mapping[str, Metric]) -> dict[str, list[float]]:
    """Return the 95 % intervals of the metrics that have one on their rows."""
    found = {name: interval(metric) for name, metric in every.items()}
    return {name: ends for name, ends in found.items() if ends is not None}


def interval(metric: Metric, tail: float = 0.025) -> list[float] | None:
    """Return the interval of a metric on these rows; None where they tell nothing about how far it may be off.

    Parameters
    ----------
    metric : Metric
        A metric as `metrics.of` returns it.
    tail : float in (0, 0.5)
        How often the truth may be beyond either end.

    Notes
    -----
    A share of counted rows has Wilson's interval. An AUC, and what else lies between 0 and 1, has the same with as many
    rows as give a share its variance (Korn and Graubard 1998). All others: Student's t. The degrees of freedom are
    those with which a sum of squares of such unequal pulls is known (Satterthwaite 1946).

    References
    ----------
    L. A. Jaeckel, *The infinitesimal jackknife* (1972). E. B. Wilson, JASA 22 (1927). E. Korn and B. Graubard, Survey
    Methodology 24 (1998). F. E. Satterthwaite, Biometrics Bulletin 2 (1946).
    """
    variance = float(metric.pull @ metric.pull)
    value = metric.value
    if metric.rows < (1 if metric.kind == "counted" else 2) or not math.isfinite(value):
        return None
    if metric.kind == "counted":
        return wilson(value, metric.rows, float(special.ndtri(1 - tail)))
    if variance < NOTHING and metric.kind != "share":
        return None
    if variance < NOTHING and 0 < value < 1:  # equal scores have an AUC of one half on whatever rows
        return [value, value]
    times = _times(metric.pull, metric.rows, tail)
    if metric.kind in ("share", "bounded"):
        return wilson(value, _effective(metric, value, variance), times)
    half = times * math.sqrt(variance)
    return [max(value - half, 0.0) if metric.kind == "loss" else value - half, value + half]


def of_difference(before: Metric, after: Metric, tail: float) -> list[float]:
    """Return the interval of after minus before on the same rows.

    It reaches as far as Student's t of the pulls, in which what both find hard cancels out, and as far as the two
    intervals of the metrics say, combined by their correlation: near an AUC of 1 few rows do not show how much worse
    the worse one can be, but its own interval knows.

    References
    ----------
    G. Zou and A. Donner, Statistics in Medicine 27 (2008); R. Newcombe, Statistics in Medicine 17 (1998), method 10.
    """
    pull, difference = after.pull - before.pull, after.value - before.value
    if before.kind not in ("counted", "bounded") and before.pull.any() and not np.any(np.abs(pull) > 1e-12):
        return [difference, difference]  # the same answers: what the rows are worth cancels out as a whole
    half = _times(pull, min(before.rows, after.rows), tail) * float(np.linalg.norm(pull))
    low, high = difference - half, difference + half
    of_before, of_after = interval(before, tail), interval(after, tail)
    if before.kind in ("loss", "free") or of_before is None or of_after is None:
        return [low, high]
    (l1, h1), (l2, h2) = of_before, of_after
    both = float(np.linalg.norm(before.pull) * np.linalg.norm(after.pull))
    r = float(before.pull @ after.pull) / both if both else 0.0
    down, up = (after.value - l2, h1 - before.value), (h2 - after.value, before.value - l1)
    return [min(low, difference - _apart(*down, r)), max(high, difference + _apart(*up, r))]


def of_change(before: Metric, after: Metric, tail: float) -> list[float] | None:
    """Return the interval of after minus before, each on rows of its own; None where one of them has no interval.

    References
    ----------
    G. Zou and A. Donner, Statistics in Medicine 27 (2008).
    """
    of_before, of_after = interval(before, tail), interval(after, tail)
    return of_before and of_after and apart((before.value, *of_before), (after.value, *of_after))


def apart(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Return the interval of after minus before from value and interval of each, measured on rows of its own.

    Examples
    --------
    >>> [round(end, 3) for end in apart((0.82, 0.80, 0.84), (0.78, 0.76, 0.80))]
    [-0.068, -0.012]
    """
    (one, l1, h1), (two, l2, h2) = before, after
    return [two - one - _apart(two - l2, h1 - one, 0.0), two - one + _apart(h2 - two, one - l1, 0.0)]


def wilson(share: float, total: float, times: float = 1.959963984540054) -> list[float]:
    """Return the interval (95 % if not said) of a share of so many rows, at least one (E. B. Wilson, JASA 22, 1927)."""
    middle = (share + times**2 / (2 * total)) / (1 + times**2 / total)
    half = times * math.sqrt(share * (1 - share) / total + times**2 / (4 * total**2)) / (1 + times**2 / total)
    return [middle - half if share > 0 else 0.0, middle + half if share < 1 else 1.0]


def mean_interval(values: np.ndarray) -> list[float]:
    """Return Student's 95 % interval of the mean of two or more values ("Student", Biometrika 6, 1908)."""
    half = special.stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / math.sqrt(len(values))
    return [float(values.mean() - half), float(values.mean() + half)]


def _apart(one: float, other: float, r: float) -> float:
    return math.sqrt(max(0.0, one**2 + other**2 - 2 * r * one * other))


def _effective(metric: Metric, value: float, variance: float) -> float:
    spread, rows = value * (1 - value), metric.rows
    if variance < NOTHING:  # a perfect order of a few rows is no certainty
        return rows
    variance = (rows * variance + PRIOR_ROWS * spread / 2 / rows) / (rows + PRIOR_ROWS)
    return min(spread / variance, len(metric.pull))


def _times(pull: np.ndarray, rows: int, tail: float) -> float:
    """Return how many standard errors the interval reaches to either side."""
    squares = pull**2
    total = squares.sum()
    if not total > 0:
        return float(special.ndtri(1 - tail))
    unequal = (squares**2).sum() / total**2 - 1 / len(pull)
    freedom = min(2 / unequal if unequal > 0 else math.inf, rows - 1)
    return float(special.stdtrit(max(freedom, 1), 1 - tail))
