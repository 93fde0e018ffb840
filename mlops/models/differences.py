"""Differences: whether one run is better than another, or was lucky.

Two runs that were judged on the same rows are drawn again and again from those rows, *together*: what is hard for both
cancels out, and the difference is known far better than either number. A resample gives every row a weight - how often
it was drawn - and a metric answers to all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlops.base.errors import InvalidError
from mlops.base.records import Record
from mlops.models.intervals import of_difference
from mlops.models.metrics import LOWER_IS_BETTER, Metric

Verdict = Literal["better", "worse", "inconclusive"]

FEWEST_ROWS = 10
"""Rows on which a metric must rest - of an AUC those of the rarer class - for an interval of a difference."""
RESAMPLES, FEWEST_RESAMPLES = 1000, 200
FEWEST_DEFINED = FEWEST_RESAMPLES // 2
"""Resamples on which a metric must be defined for a difference."""
DRAWS, DIGITS = 100, 6
"""Resamples that are kept with a difference, and the digits that are kept of them: enough to be watched."""
CELLS = 5_000_000
"""Weights that are drawn at most; many rows need fewer resamples, because their metrics hardly move."""
AT_ONCE = 1_000_000
"""Weights that are in memory at a time."""


@dataclass(frozen=True)
class Difference(Record):
    """How much better or worse one run is than another on the same rows."""

    metric: str
    baseline: float
    challenger: float
    difference: float
    """Challenger minus baseline."""
    low: float
    high: float
    """Ends of the 95 % interval of the difference."""
    lower: float
    upper: float
    """Ends of the one-sided 95 % intervals: the difference is above `lower` in 95 of 100, and below `upper` in 95."""
    standard_error: float
    """Of the difference."""
    better: float
    """Fraction of the resamples in which the challenger is better."""
    rows: int
    resamples: int
    verdict: Verdict
    """better or worse if the whole interval says so, else inconclusive: it can be luck."""
    too_few: str | None
    """Why these rows cannot hold an interval at its level, with the count and the rule; then inconclusive."""
    draws: tuple[tuple[float, float], ...]
    """What the two got on a hundred resamples that say what all say, to be watched; see `picked`."""


def difference(baseline: Metric, challenger: Metric, metric: str, rows: int, seed: int = 0) -> Difference:
    """Compare two runs by a metric on the same rows: how often the drawn ones agree, and how far luck may reach.

    The draws say how often the challenger is better; the ends are those of `intervals.of_difference`, because the
    percentiles of the draws are too narrow where few rows are positive.

    Parameters
    ----------
    baseline, challenger : Metric
        The metric of each run as `metrics.of` returns it; both see the rows in the same order.
    metric : str
        Its name.
    rows : int
        How many rows there are.
    seed : int
        Of the resampling.

    Raises
    ------
    InvalidError
        If the metric is not defined on these rows, such as an AUC of one class, or on hardly any resample of them,
        such as one of many classes with a row each.

    References
    ----------
    B. Efron and R. Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 13.
    """
    pair = baseline, challenger
    drawn = np.concatenate([np.column_stack([one(w) for one in pair]) for w in resamples(rows, seed, CELLS)])
    drawn = drawn[np.isfinite(drawn).all(axis=1)]  # without a positive row there is no AUC
    if len(drawn) < FEWEST_DEFINED:
        raise InvalidError(
            f"{metric} is not defined on these {rows} rows, or hardly ever on rows drawn from them.",
            "Choose another metric, or other rows.",
        )
    low, high = of_difference(baseline, challenger, 0.025)
    lower, upper = of_difference(baseline, challenger, 0.05)
    sign = -1 if metric in LOWER_IS_BETTER else 1
    few = too_few(baseline, challenger)
    return Difference(
        metric=metric,
        baseline=baseline.value,
        challenger=challenger.value,
        difference=challenger.value - baseline.value,
        low=low,
        high=high,
        lower=lower,
        upper=upper,
        standard_error=float(np.linalg.norm(challenger.pull - baseline.pull)),
        better=float((sign * (drawn[:, 1] - drawn[:, 0]) > 0).mean()),
        rows=rows,
        resamples=len(drawn),
        verdict="inconclusive" if few else verdict(sign * low, sign * high),
        too_few=few,
        draws=tuple(map(tuple, picked(drawn).round(DIGITS).tolist())),
    )


def picked(drawn: np.ndarray) -> np.ndarray:
    """Return `DRAWS` lines of draws that say together what all say, in the order in which they were drawn.

    They are picked evenly from the smallest difference to the largest, so the challenger is ahead in as many of a
    hundred as in all.

    Parameters
    ----------
    drawn : ndarray of shape (n_draws, 2)
        What each of the two got on each draw.

    Examples
    --------
    >>> every = np.array([[0.8, 0.8 + gain] for gain in range(1000)])
    >>> len(picked(every)), picked(every)[:2, 1].tolist()
    (100, [5.8, 15.8])
    """
    if len(drawn) <= DRAWS:
        return drawn
    ranked = np.argsort(drawn[:, 1] - drawn[:, 0], kind="stable")
    return drawn[np.sort(ranked[((np.arange(DRAWS) + 0.5) * len(drawn) / DRAWS).astype(int)])]


def resamples(rows: int, seed: int, cells: int) -> Iterator[np.ndarray]:
    """Yield weights of rows drawn with replacement, some resamples at a time and not many more than `cells` in all.

    Yields
    ------
    ndarray of shape (some, rows)
        How often each row was drawn; every line sums to `rows`.
    """
    random = np.random.default_rng(seed)
    left = int(np.clip(cells // max(rows, 1), FEWEST_RESAMPLES, RESAMPLES))
    while left:
        some = min(left, max(1, AT_ONCE // max(rows, 1)))
        drawn = random.integers(0, rows, (some, rows)) + np.arange(some)[:, None] * rows
        yield np.bincount(drawn.ravel(), minlength=some * rows).reshape(some, rows)
        left -= some


def interval(baseline: Metric, challenger: Metric) -> list[float] | None:
    """Return the 95 % interval of challenger minus baseline on the same rows; None where too few rows hold one."""
    few = too_few(baseline, challenger)
    return None if few or None in (baseline.number, challenger.number) else of_difference(baseline, challenger, 0.025)


def too_few(*pair: Metric) -> str | None:
    """Return why two metrics rest on too few rows for an interval of their difference; None if they do not."""
    weaker = min(pair, key=lambda one: one.rows)
    if weaker.rows >= FEWEST_ROWS:
        return None
    return (
        f"Too few to tell: only {weaker.rows} {weaker.called}, and with fewer than {FEWEST_ROWS} no interval of a "
        "difference keeps its level."
    )


def verdict(end: float, other: float) -> Verdict:
    """Return what an interval of a gain says: better or worse if it lies on one side of nothing."""
    low, high = sorted((end, other))
    return "better" if low > 0 else "worse" if high < 0 else "inconclusive"
