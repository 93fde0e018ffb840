"""Thresholds: from which probability on a row counts as positive, and what that choice costs.

The scores are sorted once; then the counts at any threshold are one look-up, so a slider can follow the hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops.base.errors import InvalidError
from mlops.base.records import Record
from mlops.models import metrics


@dataclass(frozen=True)
class Worth(Record):
    """What one row of each kind is worth: a gain is positive, a cost negative; any unit."""

    tp: float = 0.0
    """A positive that was found."""
    fp: float = 0.0
    """A negative that was taken for a positive."""
    fn: float = 0.0
    """A positive that was missed."""
    tn: float = 0.0
    """A negative that was left alone."""

    def total(self, tp: Any, fp: Any, fn: Any, tn: Any) -> Any:
        """Return what so many rows of each kind are worth together."""
        return tp * self.tp + fp * self.fp + fn * self.fn + tn * self.tn


@dataclass(frozen=True)
class Counts(Record):
    """What a threshold does to rows whose outcome is known."""

    threshold: float
    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def precision(self) -> float | None:
        """Fraction of the rows said to be positive that are; None if none is said to be."""
        return _share(*metrics.precision(self.tp, self.fp, self.fn))

    @property
    def recall(self) -> float | None:
        """Fraction of the positive rows that are found; None if there are none."""
        return _share(*metrics.recall(self.tp, self.fp, self.fn))

    @property
    def accuracy(self) -> float:
        """Fraction of the rows told right."""
        return (self.tp + self.tn) / (self.tp + self.fp + self.fn + self.tn)

    def worth(self, of: Worth) -> float:
        """Return what all rows together are worth at this threshold."""
        return float(of.total(self.tp, self.fp, self.fn, self.tn))


class Thresholds:
    """Every threshold of one model on one set of rows.

    Parameters
    ----------
    truth : ndarray of bool, shape (n_rows,)
        Which rows are positive.
    scores : ndarray of float, shape (n_rows,)
        Probability of the positive class.

    Raises
    ------
    InvalidError
        If there is no row.

    Examples
    --------
    >>> every = Thresholds(np.array([False, True, True]), np.array([0.2, 0.4, 0.9]))
    >>> every.at(0.5).as_dict()
    {'threshold': 0.5, 'tp': 1, 'fp': 0, 'fn': 1, 'tn': 1}
    >>> every.best(Worth(tp=10, fp=-1)).threshold
    0.4
    """

    def __init__(self, truth: np.ndarray, scores: np.ndarray) -> None:
        if not len(scores):
            raise InvalidError("There is no row to judge a threshold by.", "Train on data with labelled rows.")
        order = np.argsort(scores, kind="stable")
        self._scores = scores[order]
        self._positive = np.concatenate([[0], np.cumsum(truth[order])])  # among the rows below a position
        self.rows = len(scores)

    def at(self, threshold: float) -> Counts:
        """Return the counts if every row that scores at least `threshold` counts as positive."""
        return Counts(float(threshold), *(int(count[0]) for count in self._counts(np.array([threshold]))))

    def grid(self, points: int = 199) -> dict[str, np.ndarray]:
        """Return the counts at evenly spaced thresholds in (0, 1), a column for each of threshold, tp, fp, fn, tn."""
        thresholds = np.arange(1, points + 1) / (points + 1)
        return dict(zip(("threshold", "tp", "fp", "fn", "tn"), (thresholds, *self._counts(thresholds)), strict=True))

    def best(self, worth: Worth) -> Counts:
        """Return the threshold at which these rows are worth most; the lowest of equally good ones.

        It is looked for among the scores themselves, because only there do counts change, and above all of them, where
        nobody is positive: not to act can be best. It was chosen on these rows, so it looks a little better here than
        it will elsewhere.
        """
        inside = self._scores[(self._scores > 0) & (self._scores < 1)]
        above = min((1 + inside.max(initial=0)) / 2, np.nextafter(1, 0))
        candidates = np.unique(np.append(inside, above))
        return self.at(float(candidates[worth.total(*self._counts(candidates)).argmax()]))

    def _counts(self, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        below = np.searchsorted(self._scores, thresholds, side="left")
        fn = self._positive[below]
        tp = self._positive[-1] - fn
        return tp, self.rows - below - tp, fn, below - fn


def _share(some: int, of: int) -> float | None:
    return some / of if of else None
