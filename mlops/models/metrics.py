"""Metrics: how good scores are, each a function of weighted rows.

With every row counted once a metric is the number that is recorded: scikit-learn's, to the last digit. With rows drawn
again and again, so that a weight says how often each was drawn, it is as many numbers at once; `differences` counts in
how many of them one model is ahead. Its derivative by the weights says how far each row pulls at it; from that
`intervals` knows how far luck reaches. What a threshold decides is counted, and `thresholds` counts it at every one.

Where a metric is undefined - an AUC of one class, a precision where nobody is said to be positive - it is None, never
NaN, and not zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Literal

import numpy as np

from mlops.models.signature import Signature

LOWER_IS_BETTER = frozenset({"log_loss", "brier", "rmse", "mae"})
"""Metrics of which less is better."""

Kind = Literal["counted", "share", "bounded", "loss", "free"]
"""A share of counted rows; a share of pairs of rows; between 0 and 1; at least 0; any number."""


@dataclass(frozen=True, eq=False)
class Metric:
    """A metric as a function of weighted rows: weights of shape (n_resamples, n_rows) to values (n_resamples,)."""

    score: Callable[[], float]
    """Returns what scikit-learn says where every row counts once; NaN if undefined."""
    at: Callable[[np.ndarray], np.ndarray]
    pull: np.ndarray = field(repr=False)
    """Of shape (n_rows,): how far each row pulls at the value; the squares sum to its variance."""
    rows: int
    """Rows on which the value rests: for an AUC those of the rarer class, for a recall the positive ones."""
    kind: Kind
    called: str = "rows"
    """What those rows are, in words."""

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """Return the value for each line of weights."""
        return self.at(weights)

    @cached_property
    def number(self) -> float | None:
        """The metric as it is recorded: every row counts once."""
        found = self.score()
        return found if math.isfinite(found) else None

    @cached_property
    def value(self) -> float:
        """The number from sums of weights, to be set against those of other weights; no finite one if undefined.

        It differs from `number` in the last digits at most; both are recorded, and keep theirs.
        """
        return float(self.at(np.ones((1, len(self.pull))))[0])


def of(labels: np.ndarray, scores: np.ndarray, signature: Signature, threshold: float) -> dict[str, Metric]:
    """Measure scores against labels.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        True values, spelled as in the data.
    scores : ndarray
        As `scoring.probabilities` returns them.
    signature : Signature
        Tells the task, the classes and the positive class.
    threshold : float in (0, 1)
        Probability from which a row counts as positive (binary only).

    Returns
    -------
    dict of str to Metric
        Binary and multiclass: auc (multiclass: one against the rest, macro average), average_precision,
        log_loss, brier, accuracy, precision, recall, f1 (multiclass: macro). Regression: rmse, mae, r2.
        https://scikit-learn.org/stable/modules/model_evaluation.html

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> asked = SimpleNamespace(task="binary", labels=(0, 1), positive=1)
    >>> auc = of(np.array([0, 1, 1]), np.array([0.2, 0.1, 0.9]), asked, 0.5)["auc"]
    >>> auc.number, auc(np.array([[1, 1, 1], [1, 0, 5]])).tolist()
    (0.5, [0.5, 1.0])
    """
    if signature.task == "regression":
        return _of_numbers(np.asarray(labels, dtype=float), scores)
    classes = np.array(signature.labels)
    if signature.task == "binary":
        truth, said = labels == signature.positive, scores >= threshold
        ranked = {"auc": auc(labels, scores, signature), "average_precision": _average_precision(truth, scores)}
        likely, squared = np.where(truth, scores, 1 - scores), (scores - truth) ** 2
        right, decided = truth == said, _decided(truth, said)
        log_loss = partial(_sklearn, "log_loss", truth, scores, labels=[False, True])
    else:
        hot, best = labels[:, None] == classes[None, :], scores.argmax(axis=1)
        columns = range(len(classes))
        ranked = {
            "auc": auc(labels, scores, signature),
            "average_precision": _mean([_average_precision(hot[:, one], scores[:, one]) for one in columns]),
        }
        likely, squared = (scores * hot).sum(axis=1), ((scores - hot) ** 2).sum(axis=1)
        each = [_decided(hot[:, one], best == one) for one in columns]
        occurs = np.array([hot[:, one] | (best == one) for one in columns])
        right, decided = (
            classes[best] == labels,
            {name: _macro([one[name] for one in each], occurs) for name in each[0]},
        )
        log_loss = partial(_sklearn, "log_loss", labels, scores, labels=classes)
    lost = _average(-np.log(np.clip(likely, np.finfo(float).eps, 1)))
    return {
        **ranked,
        "log_loss": replace(lost, score=log_loss),
        "brier": _average(squared),
        "accuracy": _average(right, "counted"),
        **decided,
    }


def auc(labels: np.ndarray, scores: np.ndarray, signature: Signature) -> Metric:
    """Return the AUC alone, as `of` does: for whoever asks it of many groups of rows."""
    if signature.task == "binary":
        return _auc(labels == signature.positive, scores)
    return _mean([_auc(labels == label, scores[:, one]) for one, label in enumerate(signature.labels)])


def expected_auc(likely: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """Return the AUC to be expected of rows that are positive with some probability, and its standard deviation.

    Each row counts as positive with its probability and as negative with the rest. The deviation is that of the AUC
    whose outcomes are drawn so (by the delta method); NaN both, where nobody or everybody is positive for sure.

    Examples
    --------
    >>> expected_auc(np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.1, 0.9]))
    (0.5, 0.0)
    """
    ranked = _Ranked(likely, scores)
    positive, everyone = (sums[0] for sums in ranked.sums(np.ones((1, len(scores)))))
    negative, m, n = everyone - positive, likely.sum(), (1 - likely).sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        won, lost = (negative.cumsum() - negative / 2) / n, 1 - (positive.cumsum() - positive / 2) / m
        auc = (positive * won).sum() / m
        pull = (won - auc) / m - (lost - auc) / n
        unsure = ranked.of_groups(likely * (1 - likely))
        return float(auc), float(np.sqrt((unsure * pull**2).sum()))


def main(task: str) -> str:
    """Return by which metric a model of a task is judged first; more of it is better.

    Examples
    --------
    >>> main("regression"), main("multiclass")
    ('r2', 'auc')
    """
    return "r2" if task == "regression" else "auc"


def title(name: str) -> str:
    """Return a metric as people write it.

    Examples
    --------
    >>> title("auc"), title("average_precision")
    ('AUC', 'average precision')
    """
    return name.upper() if name in ("auc", "r2", "rmse", "mae") else name.replace("_", " ")


def share(right: np.ndarray) -> Metric:
    """Return the share of rows that are right, by whatever was decided about each."""
    return _average(right, "counted")


def numbers(every: Mapping[str, Metric]) -> dict[str, float | None]:
    """Return the numbers of metrics, as they are recorded."""
    return {name: metric.number for name, metric in every.items()}


def precision(tp: Any, fp: Any, fn: Any) -> tuple[Any, Any]:
    """Return what a precision counts, and among how many: of the rows said to be positive, those that are."""
    return tp, tp + fp


def recall(tp: Any, fp: Any, fn: Any) -> tuple[Any, Any]:
    """Return what a recall counts, and among how many: of the positive rows, those that are found."""
    return tp, tp + fn


def f1(tp: Any, fp: Any, fn: Any) -> tuple[Any, Any]:
    """Return what an F1 counts, and among how many: the harmonic mean of precision and recall."""
    return 2 * tp, 2 * tp + fp + fn


def _decided(truth: np.ndarray, said: np.ndarray) -> dict[str, Metric]:
    """Return the metrics of a yes or no: of the positive rows, and of those that are said to be."""
    tp, fp, fn = (np.asarray(one, dtype=float) for one in (truth & said, said & ~truth, truth & ~said))
    return {
        "precision": _ratio(*precision(tp, fp, fn), "counted", "rows called positive"),
        "recall": _ratio(*recall(tp, fp, fn), "counted", "positive rows"),
        "f1": _ratio(*f1(tp, fp, fn), "bounded", "rows that are positive or called so"),
    }


def _ratio(above: np.ndarray, below: np.ndarray, kind: Kind, called: str) -> Metric:
    """Return what rows count of what they count among; undefined where that is nothing."""

    def at(weights: np.ndarray) -> np.ndarray:
        over = weights @ below
        return np.divide(weights @ above, over, out=np.full(len(weights), np.nan), where=over > 0)

    over, rows = below.sum(), int((below > 0).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        found = float(above.sum() / over)
        pull = np.nan_to_num((above - found * below) / over * np.sqrt(rows / max(rows - 1, 1)))
    return Metric(lambda: found, at, pull, rows, kind, called)


def _macro(classes: list[Metric], occurs: np.ndarray) -> Metric:
    """Return the mean over the classes that occur; where one is undefined it is zero there, as in scikit-learn."""

    def at(weights: np.ndarray) -> np.ndarray:
        found = np.nan_to_num(np.stack([metric(weights) for metric in classes], axis=1))
        return found.sum(axis=1) / np.maximum((weights @ occurs.T > 0).sum(axis=1), 1)

    there = [metric for metric, occurring in zip(classes, occurs, strict=True) if occurring.any()]
    return Metric(
        lambda: float(np.mean([metric.number or 0.0 for metric in there])),
        at,
        np.sum([metric.pull for metric in there], axis=0) / len(there),
        min(metric.rows for metric in there),
        "bounded",
        classes[0].called,
    )


def _average(loss: np.ndarray, kind: Kind = "loss") -> Metric:
    values, rows = np.asarray(loss, dtype=float), len(loss)
    pull = (values - values.mean()) / np.sqrt(rows * max(rows - 1, 1))
    return Metric(lambda: float(values.mean()), lambda w: w @ values / w.sum(axis=1), pull, rows, kind)


def _mean(classes: list[Metric]) -> Metric:
    """Return the mean over all classes; undefined where one of them is."""
    return Metric(
        lambda: float(np.mean([metric.score() for metric in classes])),
        lambda weights: np.mean([metric(weights) for metric in classes], axis=0),
        np.mean([metric.pull for metric in classes], axis=0),
        min(metric.rows for metric in classes),
        classes[0].kind,
        "rows of the rarest class",
    )


def _auc(truth: np.ndarray, scores: np.ndarray) -> Metric:
    """Return the AUC as the weight of pairs in the right order; equal scores count half (Mann and Whitney 1947).

    The squares of the pulls sum to the variance of DeLong et al., Biometrics 44 (1988).
    """
    ranked, m, n = _Ranked(truth, scores), int(truth.sum()), int((~truth).sum())

    def at(weights: np.ndarray) -> np.ndarray:
        positive, everyone = ranked.sums(weights)
        negative = everyone - positive
        below = negative.cumsum(axis=1) - negative / 2
        with np.errstate(invalid="ignore"):
            return np.asarray((positive * below).sum(axis=1) / (positive.sum(axis=1) * negative.sum(axis=1)))

    positive, everyone = (sums[0] for sums in ranked.sums(np.ones((1, len(truth)))))
    negative = everyone - positive
    with np.errstate(invalid="ignore", divide="ignore"):
        won = (negative.cumsum() - negative / 2) / n, 1 - (positive.cumsum() - positive / 2) / m
        auc = (positive * won[0]).sum() / m
        pull = ranked.rows(*((one - auc) / np.sqrt(k * max(k - 1, 1)) for one, k in zip(won, (m, n), strict=True)))
    score = partial(_sklearn, "roc_auc_score", truth, scores) if m and n else lambda: math.nan
    return Metric(score, at, pull, min(m, n), "share", "rows of the rarer class")


def _average_precision(truth: np.ndarray, scores: np.ndarray) -> Metric:
    """Return the average precision, as scikit-learn defines it: no interpolation."""
    ranked, m = _Ranked(truth, -scores), int(truth.sum())

    def at(weights: np.ndarray) -> np.ndarray:
        positive, everyone = ranked.sums(weights)
        with np.errstate(invalid="ignore"):
            precision = np.nan_to_num(positive.cumsum(axis=1) / everyone.cumsum(axis=1))
            return np.asarray((positive * precision).sum(axis=1) / positive.sum(axis=1))

    positive, everyone = (sums[0] for sums in ranked.sums(np.ones((1, len(truth)))))
    above = everyone.cumsum()
    precision = positive.cumsum() / above
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (positive * precision).sum() / m
        # A row lowers the precision of all groups from its own on; a positive one also raises it.
        raised, lowered = (np.cumsum((positive * by / above)[::-1])[::-1] for by in (1.0, precision))
        of_each = (precision - found + raised - lowered) / np.float64(m), -lowered / np.float64(m)
        pull = ranked.rows(*(one * np.sqrt(m / max(m - 1, 1)) for one in of_each))
    score = partial(_sklearn, "average_precision_score", truth, scores) if m else lambda: math.nan
    return Metric(score, at, pull, m, "bounded", "positive rows")


class _Ranked:
    """Rows in ascending order of their scores; those with equal ones are a group."""

    def __init__(self, truth: np.ndarray, scores: np.ndarray) -> None:
        self._order = np.argsort(scores, kind="stable")
        self._truth, ordered = truth[self._order], scores[self._order]
        begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        self._starts, self._group = np.flatnonzero(begins), begins.cumsum() - 1

    def sums(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the weight of the positive rows and of all rows in each group."""
        weights = weights[:, self._order]
        positive = np.add.reduceat(weights * self._truth, self._starts, axis=1)
        return positive, np.add.reduceat(weights, self._starts, axis=1)

    def of_groups(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of a value of each row in each group."""
        return np.asarray(np.add.reduceat(values[self._order], self._starts))

    def rows(self, positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
        """Return the value of each row, in the order they came in, from those of the two kinds in each group."""
        values = np.empty(len(self._order))
        values[self._order] = np.where(self._truth, positive[self._group], negative[self._group])
        return values


def _of_numbers(actual: np.ndarray, predicted: np.ndarray) -> dict[str, Metric]:
    squared, absolute = _average((actual - predicted) ** 2), _average(np.abs(actual - predicted))
    first, second = _average(actual - actual.mean(), "free"), _average((actual - actual.mean()) ** 2)

    def rmse(weights: np.ndarray) -> np.ndarray:
        return np.sqrt(squared(weights))

    def r2(weights: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 - squared(weights) / (second(weights) - first(weights) ** 2))

    rows, (of_error, of_all) = len(actual), (squared.value, second.value)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_rmse = np.nan_to_num(squared.pull / (2 * np.sqrt(of_error)))  # no errors at all
        of_r2 = np.nan_to_num((second.pull * of_error / of_all - squared.pull) / of_all)
    varies = len(np.unique(actual)) > 1
    return {
        "rmse": Metric(lambda: math.sqrt(squared.score()), rmse, of_rmse, rows, "loss"),
        "mae": absolute,
        "r2": Metric(lambda: _sklearn("r2_score", actual, predicted) if varies else math.nan, r2, of_r2, rows, "free"),
    }


def _sklearn(score: str, *of: Any, **options: Any) -> float:
    """Return what scikit-learn says; it is loaded only now, as some ask just of which metrics less is better."""
    from sklearn import metrics

    return float(getattr(metrics, score)(*of, **options))
