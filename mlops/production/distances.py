"""Distances: how far the values of a column are from those that are known, in size and beyond chance.

Two numbers for each column, for each alone misleads. A *p-value* says whether a difference can be chance; of many rows
every difference cannot, also one that nobody would notice. The *population stability index* says how large it is, and
of few rows it is large by chance. Numbers are compared by Kolmogorov and Smirnov's test, levels - also numbers with a
few values only, for which that test is too cautious - by Pearson's chi-square.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats

from mlops.base.records import Record
from mlops.data import units
from mlops.data.roles import MAX_CODES
from mlops.data.units import Numbers

BINS = 10
"""Parts of equal size into which the known numbers are cut, as is usual for the index."""

EXPECTED = 5
"""Rows that chi-square expects of a level at least (Cochran 1954); rarer levels are counted together."""

REST = "other values"
"""What rare levels are counted as."""


@dataclass(frozen=True)
class Distance(Record):
    """How far one column is from another."""

    test: Literal["ks", "chi2"]
    psi: float
    """Population stability index over `bins`."""
    statistic: float
    p_value: float
    n_reference: int
    """Values that are not missing, here and there; missing ones are compared by `validation`."""
    n_current: int
    bins: Mapping[str, Any]
    """``{edges, reference, current}``, one edge more than counts; a last part without width is one value.
    Of levels ``{levels, reference, current}``."""


def of_numbers(numbers: Numbers) -> Distance:
    """Compare numbers.

    Parameters
    ----------
    numbers : tuple of ndarray
        The known values and the current ones, each in order and not empty.

    Examples
    --------
    >>> same = np.arange(1000.0)
    >>> found = of_numbers((same, same))
    >>> found.test, found.psi, found.statistic, found.p_value
    ('ks', 0.0, 0.0, 1.0)
    """
    if few := _few_values(numbers):
        known, found = (Counter(dict(zip(few, _rows_of(side, few), strict=True))) for side in numbers)
        return of_levels(known, found, few)
    statistic, p_value = ks(numbers)
    edges = _edges(numbers)
    reference, current = (np.diff([0, *np.searchsorted(side, edges[1:-1]), len(side)]).tolist() for side in numbers)
    bins = {"edges": edges, "reference": reference, "current": current}
    return Distance("ks", psi(reference, current), statistic, p_value, sum(reference), sum(current), bins)


def of_levels(known: Counter[Any], found: Counter[Any], order: Sequence[Any] = ()) -> Distance:
    """Compare levels by how many rows have each, neither without a row.

    The most frequent of both first, unless an order is given; rare ones are counted together.

    Examples
    --------
    >>> compared = of_levels(Counter(web=50, app=50), Counter(web=40, app=60))
    >>> compared.bins["levels"], round(compared.psi, 4), round(compared.statistic, 2), round(compared.p_value, 2)
    (('app', 'web'), 0.0405, 2.02, 0.16)
    """
    both, fewer = known + found, min(known.total(), found.total())
    least = EXPECTED * both.total() / fewer
    ranked = sorted(both, key=lambda level: (-both[level], str(level)))
    frequent = [level for level in ranked[:MAX_CODES] if both[level] >= least]
    rest = both.total() - sum(both[level] for level in frequent)
    if 0 < rest < least:
        frequent = frequent[:-1]
    levels = [level for level in order or frequent if level in frequent]
    reference, current = ([side[level] for level in levels] for side in (known, found))
    if rest:
        levels = [*levels, REST]
        reference, current = (
            [*told, side.total() - sum(told)] for side, told in ((known, reference), (found, current))
        )
    statistic, p_value = chi_square(reference, current)
    bins = {"levels": levels, "reference": reference, "current": current}
    return Distance("chi2", psi(reference, current), statistic, p_value, sum(reference), sum(current), bins)


def psi(reference: Sequence[int], current: Sequence[int]) -> float:
    """Return the population stability index of two counts over the same bins.

    The sum over the bins of (q - p) ln(q / p), p and q being their shares. A bin without a row counts as half a row,
    for the logarithm of nothing is infinite. Below 0.1 a difference is called small, above 0.25 large: a convention of
    credit scoring, without a theory (Siddiqi, Credit Risk Scorecards, 2006; Yurdakul 2018 gives its distribution).

    Examples
    --------
    >>> round(psi([100, 100], [100, 100]), 4), round(psi([100, 100], [150, 50]), 4)
    (0.0, 0.2747)
    """
    p, q = (np.maximum(side, 0.5) / max(sum(side), 1) for side in (reference, current))
    return float(((q - p) * np.log(q / p)).sum())


def ks(numbers: Numbers) -> tuple[float, float]:
    """Return Kolmogorov and Smirnov's two-sample statistic and its p-value.

    That of ``scipy.stats.ks_2samp(..., method="asymp")``, from values that are in order already: the exact one takes
    ten times as long and differs by less than a hundredth from 500 rows.

    Examples
    --------
    >>> ks((np.array([1.0, 2.0]), np.array([1.0, 3.0])))[0]
    0.5
    """
    known, current = numbers
    here, there = len(known), len(current)
    # Each distribution is furthest above the other one right after one of its own values.
    above = np.arange(1, here + 1) / here - np.searchsorted(current, known, side="right") / there
    below = np.arange(1, there + 1) / there - np.searchsorted(known, current, side="right") / here
    statistic = float(max(above.max(), below.max(), 0.0))
    return statistic, float(np.clip(stats.kstwo.sf(statistic, np.round(here * there / (here + there))), 0, 1))


def chi_square(reference: Sequence[int], current: Sequence[int]) -> tuple[float, float]:
    """Return Pearson's chi-square of two counts over the same levels, without correction, and its p-value.

    Examples
    --------
    >>> [round(number, 4) for number in chi_square([50, 50], [40, 60])]
    [2.0202, 0.1552]
    """
    counted = np.array([pair for pair in zip(reference, current, strict=True) if any(pair)]).T
    if counted.shape[1] < 2:
        return 0.0, 1.0
    found = stats.chi2_contingency(counted, correction=False)
    return float(found.statistic), float(found.pvalue)


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Return p-values by Benjamini and Hochberg (1995): how large a share of those up to each are false alarms at most.

    Examples
    --------
    >>> adjusted([0.01, 0.04, 0.03])
    [0.03, 0.04, 0.04]
    """
    return stats.false_discovery_control(p_values).tolist() if p_values else []


def _few_values(numbers: Numbers) -> list[float]:
    """Return the different values of both in order if they are few, else none."""
    if max(map(units.distinct, numbers)) > MAX_CODES:
        return []
    values = np.unique(np.concatenate([side[np.append(True, side[1:] != side[:-1])] for side in numbers]))
    return [int(one) if one.is_integer() else one for one in values.tolist()] if len(values) <= MAX_CODES else []


def _rows_of(values: np.ndarray, few: Sequence[float]) -> list[int]:
    ends = np.searchsorted(values, few, side="right")
    return np.diff(ends, prepend=0).tolist()


def _edges(numbers: Numbers) -> list[float]:
    """Return the edges of parts that hold equally many of the known numbers.

    A value that fills a part by itself is one, up to the next value of either side: where nine of ten are 0, it matters
    whether they still are.
    """
    known, current = numbers
    low, high = min(known[0], current[0]), max(known[-1], current[-1])
    inner = np.unique(units.quantiles(known, np.arange(1, BINS) / BINS))
    ends = [np.searchsorted(side, inner, side="right") for side in numbers]
    alone = (ends[0] - np.searchsorted(known, inner)) * BINS >= len(known)
    after = np.min([np.append(side, high)[end[alone]] for side, end in zip(numbers, ends, strict=True)], axis=0)
    edges = np.union1d(inner, after)
    return [float(low), *edges[edges > low].tolist(), float(high)]
