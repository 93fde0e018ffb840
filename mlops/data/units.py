"""Units: whether numbers are in another unit than they were - all of them, or those of one kind of row.

A world that changes moves values a little; a changed unit multiplies them. So a factor is named only where dividing by
it brings the values back to where they were, and of a part of the rows only with evidence: a cluster beyond everything
known, or the rows of one level of another column, whose other rows stayed as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

AGREE = 0.25
"""Distance of the deciles of two columns, in interquartile ranges, up to which their values agree."""

CLOSE = 0.05
"""The same after dividing by a small factor, by which the world may move as well: double prices are no pounds."""

FACTORS = (7, 10, 12, 24, 60, 100, 365, 1000, 1.609, 2.205, 3600)
"""What one unit is of another: days of a week, months of a year, minutes of an hour, grams, cents, miles, pounds."""

FEW = 20
"""Values below which quantiles say nothing."""

PART, PART_FACTOR, FAR = 0.01, 7, 1.5
"""A part of the rows has another unit if this share is above everything known; only by so large a factor, and only if
half of them are this many times the largest known value: what has grown a little is just above it."""

IMPROBABLE = 1e-6
"""Probability below which values above everything known are no chance: that so many of the largest are all current."""

WITHIN = 0.95
"""Share of the values beyond everything known that a level must hold, to be where the other unit is."""

Numbers = tuple[np.ndarray, np.ndarray]
"""The known and the current values of a column, in order."""


@dataclass(frozen=True)
class OtherUnit:
    """Values of a column that are in another unit."""

    factor: float
    """By which they are too large; below 1 they are too small."""
    rows: int
    where: tuple[str, str] | None = None
    """The column and its level whose rows they are; None where they have no more in common."""


@np.errstate(
    over="ignore", invalid="ignore"
)  # numbers near the largest there are: no arithmetic holds, nothing is told
def find(numbers: Numbers, groups: Callable[[], Iterator[tuple[str, str, Numbers]]]) -> OtherUnit | None:
    """Tell whether a column, or a part of it, is in another unit.

    Parameters
    ----------
    numbers : tuple of ndarray
        The known values and the current ones, each in order.
    groups : callable
        Yields the same for each level of other columns: column, level, numbers. Asked only where something moved.

    Examples
    --------
    >>> hours = np.arange(100.0)
    >>> find((hours, 60 * hours), lambda: iter(()))
    OtherUnit(factor=60, rows=100, where=None)
    >>> print(find((hours, 1.2 * hours), lambda: iter(())))
    None
    """
    known, current = numbers
    if min(len(known), len(current)) < FEW or distinct(known) < FEW:
        return None
    if factor := _of_all(numbers):
        return OtherUnit(factor, len(current))
    cluster = _of_cluster(numbers)
    if cluster is None and distance(*numbers) < AGREE / 4:
        return None
    return _of_level(known[-1], groups(), cluster) or cluster


@np.errstate(over="ignore", invalid="ignore")
def distance(known: np.ndarray, current: np.ndarray) -> float:
    """Return how far the deciles of two columns in order are apart, in interquartile ranges of the known one."""
    scale = float(quantiles(known, 0.75) - quantiles(known, 0.25)) or float(known.std()) or 1.0
    places = np.linspace(0.1, 0.9, 9)
    return float(np.abs(quantiles(known, places) - quantiles(current, places)).mean() / scale)


def quantiles(values: np.ndarray, places: float | np.ndarray) -> np.ndarray:
    """Return quantiles of values that are in order, between two of them by a straight line, as NumPy does."""
    at = np.asarray(places) * (len(values) - 1)
    below = np.floor(at).astype(int)
    low, high = values[below], values[np.minimum(below + 1, len(values) - 1)]
    return low * (1 - (at - below)) + high * (at - below)


def distinct(values: np.ndarray) -> int:
    """Count the different values of a column in order."""
    return int((values[1:] != values[:-1]).sum()) + min(len(values), 1)


def _of_all(numbers: Numbers, least: float = 1) -> float | None:
    """Return the factor by which all values differ, if dividing by it brings them back."""
    known, current = numbers
    before = distance(known, current)
    if before < 1:
        return None
    factors = [one for factor in FACTORS if factor >= least for one in (factor, 1 / factor)]
    after, best = min((distance(known, current / factor), factor) for factor in factors)
    agree = AGREE if max(best, 1 / best) >= PART_FACTOR else CLOSE
    return best if after < agree and after < before / 4 else None


def _of_cluster(numbers: Numbers) -> OtherUnit | None:
    """Return the factor by which what is above everything known is too large.

    Divided by it, it must fall into what is known, about where that has its values.
    """
    known, current = numbers
    above = current[np.searchsorted(current, known[-1], side="right") :]
    chance = (len(current) / (len(known) + len(current))) ** len(above)
    if len(above) < PART * len(current) or chance > IMPROBABLE:
        return None
    if known[0] < 0 or np.median(above) < FAR * known[-1]:
        return None
    misfits: dict[float, float] = {}
    for factor in (factor for factor in FACTORS if factor >= PART_FACTOR):
        alike = known[known > known[-1] / factor]
        if len(alike) and (above / factor <= known[-1]).mean() >= WITHIN:
            misfits[factor] = abs(np.log(np.median(above / factor) / np.median(alike)))
    best = min(misfits, key=lambda factor: misfits[factor], default=None)
    return OtherUnit(best, len(above)) if best is not None and misfits[best] < 0.35 else None


def _of_level(most: float, groups: Iterator[tuple[str, str, Numbers]], cluster: OtherUnit | None) -> OtherUnit | None:
    """Return the level of another column whose rows are in another unit: all that are above what is known, if any."""
    best: OtherUnit | None = None
    for column, level, group in groups:
        if min(map(len, group)) < FEW or not (factor := _of_all(group, PART_FACTOR)):
            continue
        inside = int((group[1] > most).sum())
        alone = cluster is None or (cluster.factor == factor and inside >= WITHIN * cluster.rows)
        if alone and (best is None or len(group[1]) > best.rows):
            best = OtherUnit(factor, len(group[1]), (column, level))
    return best
