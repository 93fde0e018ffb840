"""Estimate: what the AUC of a month will be, told from scores alone, before any outcome is known.

Scores that are calibrated say how likely each row is to be positive, and that is all an AUC needs: each row counts as
positive with that weight and as negative with the rest. It is *confidence-based performance estimation*. It follows
when customers change, and it is blind to a changed law: if the same customers begin to leave for other reasons, scores
and estimate stay as they were. So it is set beside the truth, and judged by it, as soon as that is known.

References
----------
NannyML, *Confidence-based performance estimation*; J. Bialek et al., *Estimating Model Performance Under Covariate
Shift Without Labels*, arXiv:2401.08348 (2024). Calibration by isotonic regression: B. Zadrozny and C. Elkan, KDD 2002.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlops.base.records import Record
from mlops.experiments.judged import Judged
from mlops.models import metrics
from mlops.production.performance import Performance

TIMES = 1.959963984540054
"""Standard deviations to either side within which 95 of 100 AUCs lie."""
ENOUGH = 200
"""Rows from which it can be told what scores mean, and answers from which an estimate is given."""


@dataclass(frozen=True)
class Estimate(Record):
    """What the AUC of a month should be if what makes customers leave stayed the same."""

    auc: float
    low: float
    high: float
    """Where 95 of 100 AUCs lie whose outcomes are drawn as the scores say; how well that is known is not in it."""
    error: float | None
    """The true AUC minus this one; None as long as no outcome is known."""
    held: bool | None
    """Whether the true AUC lies between `low` and `high`; None before all outcomes are known."""

    def beside(self, known: Performance | None) -> Estimate:
        """Return it judged by what came true."""
        if known is None or known.auc is None:
            return self
        held = self.low <= known.auc <= self.high if known.known == known.answers else None
        return Estimate(self.auc, self.low, self.high, known.auc - self.auc, held)


def calibrated(new: Judged) -> Callable[[np.ndarray], np.ndarray] | None:
    """Return what tells from a score how likely a row is positive.

    Parameters
    ----------
    new : Judged
        Answers to rows that were new to the model, with the truth.

    Returns
    -------
    callable or None
        None where that cannot be told: of a question that is no yes or no, or from too few rows.
    """
    if new.signature.task != "binary":
        return None
    positive = new.labels == new.signature.positive
    if len(positive) < ENOUGH or positive.all() or not positive.any():
        return None
    from sklearn.isotonic import IsotonicRegression  # here, for it takes its time

    fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(new.scores, positive)
    return lambda scores: np.asarray(fitted.predict(scores))


def of(scores: np.ndarray, likely: np.ndarray) -> Estimate | None:
    """Estimate the AUC of scores without outcomes.

    Parameters
    ----------
    scores : ndarray of shape (n_rows,)
        What the model answered.
    likely : ndarray of shape (n_rows,)
        How likely each row is positive: calibrated scores.

    Returns
    -------
    Estimate or None
        None where the AUC has no meaning: nobody, or everybody, is positive.

    Examples
    --------
    >>> found = of(np.array([0.1, 0.2, 0.7, 0.9]), np.array([0.1, 0.1, 0.8, 0.8]))
    >>> round(found.auc, 2), found.low < found.auc < found.high
    (0.85, True)
    """
    auc, deviation = metrics.expected_auc(likely, scores)
    if not math.isfinite(auc):
        return None
    low, high = (auc + times * deviation for times in (-TIMES, TIMES))
    return Estimate(auc, max(low, 0.0), min(high, 1.0), None, None)
