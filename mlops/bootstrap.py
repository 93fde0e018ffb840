"""Bootstrap: whether one run is better than another, or was lucky.

Two runs that were judged on the same rows are drawn again and again from those rows, *together*: what is hard for both
cancels out, and the difference is known far better than either number. A resample gives every row a weight - how often
it was drawn - so a metric is computed for all resamples at once, from sums of weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mlops.errors import InvalidError
from mlops.records import Record
from mlops.signature import Signature

LOWER_IS_BETTER = frozenset({"log_loss", "brier", "rmse", "mae"})
"""Metrics of which less is better."""

Verdict = Literal["better", "worse", "inconclusive"]
Weighted = Callable[[np.ndarray], np.ndarray]
"""A metric of weighted rows: weights of shape (n_resamples, n_rows) to values of shape (n_resamples,)."""

RESAMPLES, FEWEST_RESAMPLES = 1000, 200
FEWEST_DEFINED = FEWEST_RESAMPLES // 2
"""Resamples on which a metric must be defined for an interval."""
CELLS_OF_A_DIFFERENCE, CELLS_OF_INTERVALS = 5_000_000, 1_000_000
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


def weighted(labels: np.ndarray, scores: np.ndarray, signature: Signature, threshold: float) -> dict[str, Weighted]:
    """Return the metrics of `evaluation.metrics` as functions of weights; with equal weights they are those metrics.

    Parameters
    ----------
    labels, scores, signature, threshold
        As for `evaluation.metrics`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> asked = SimpleNamespace(task="binary", labels=(0, 1), positive=1)
    >>> metrics = weighted(np.array([0, 1, 1]), np.array([0.2, 0.1, 0.9]), asked, 0.5)
    >>> metrics["auc"](np.ones((1, 3))).item(), metrics["auc"](np.array([[1, 0, 5]])).item()
    (0.5, 1.0)
    """
    if signature.task == "regression":
        return _of_numbers(np.asarray(labels, dtype=float), scores)
    classes = np.array(signature.labels)
    hot = labels[:, None] == classes[None, :]
    if signature.task == "binary":
        truth, told = labels == signature.positive, scores >= threshold
        decided = _decided([truth], [told], macro=False)
        ranked = {"auc": _auc(truth, scores), "average_precision": _average_precision(truth, scores)}
        hits, likely = truth == told, np.where(truth, scores, 1 - scores)
        brier = (scores - truth) ** 2
    else:
        best = scores.argmax(axis=1)
        columns = range(len(classes))
        decided = _decided([hot[:, one] for one in columns], [best == one for one in columns], macro=True)
        ranked = {
            "auc": _mean([_auc(hot[:, one], scores[:, one]) for one in columns]),
            "average_precision": _mean([_average_precision(hot[:, one], scores[:, one]) for one in columns]),
        }
        hits, likely = classes[best] == labels, (scores * hot).sum(axis=1)
        brier = ((scores - hot) ** 2).sum(axis=1)
    log_loss = -np.log(np.clip(likely, np.finfo(float).eps, 1))
    return {
        **ranked,
        **{name: _average(loss) for name, loss in {"log_loss": log_loss, "brier": brier, "accuracy": hits}.items()},
        **decided,
    }


def difference(baseline: Weighted, challenger: Weighted, metric: str, rows: int, seed: int = 0) -> Difference:
    """Compare two runs by a metric on the same rows, with a paired percentile bootstrap.

    Parameters
    ----------
    baseline, challenger : callable
        The metric of each run as `weighted` returns it; both see the rows in the same order.
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
    drawn = [challenger(weights) - baseline(weights) for weights in resamples(rows, seed, CELLS_OF_A_DIFFERENCE)]
    values = np.concatenate(drawn)
    values = values[np.isfinite(values)]  # without a positive row there is no AUC
    if len(values) < FEWEST_DEFINED:
        raise InvalidError(
            f"{metric} is not defined on these {rows} rows, or hardly ever on rows drawn from them.",
            "Choose another metric, or other rows.",
        )
    before, after = (float(metric(np.ones((1, rows)))[0]) for metric in (baseline, challenger))
    low, lower, upper, high = (float(end) for end in np.quantile(values, [0.025, 0.05, 0.95, 0.975]))
    sign = -1 if metric in LOWER_IS_BETTER else 1
    return Difference(
        metric=metric,
        baseline=before,
        challenger=after,
        difference=after - before,
        low=low,
        high=high,
        lower=lower,
        upper=upper,
        standard_error=float(values.std(ddof=1)),
        better=float((sign * values > 0).mean()),
        rows=rows,
        resamples=len(values),
        verdict=_verdict(sign * low, sign * high),
        too_few=None,
    )


def intervals(metrics: Mapping[str, Weighted], rows: int, seed: int = 0) -> dict[str, list[float]]:
    """Return 95 % percentile bootstrap intervals of metrics that are defined on these rows.

    A metric that is the same in all resamples has none, such as an average precision of 1: the rows do not show how
    far it can go, and an interval from 1 to 1 would say that it cannot.
    """
    if not metrics:
        return {}
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in metrics}
    for weights in resamples(rows, seed, CELLS_OF_INTERVALS):
        for name, metric in metrics.items():
            drawn[name].append(metric(weights))
    found = {name: np.concatenate(values) for name, values in drawn.items()}
    kept = {name: values[np.isfinite(values)] for name, values in found.items()}
    return {
        name: [float(end) for end in np.quantile(values, [0.025, 0.975])]
        for name, values in kept.items()
        if len(values) >= FEWEST_DEFINED and np.ptp(values) > 1e-12  # less is rounding
    }


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


def _verdict(end: float, other: float) -> Verdict:
    low, high = sorted((end, other))
    return "better" if low > 0 else "worse" if high < 0 else "inconclusive"


def _average(loss: np.ndarray) -> Weighted:
    values = np.asarray(loss, dtype=float)
    return lambda weights: weights @ values / weights.sum(axis=1)


def _mean(metrics: list[Weighted]) -> Weighted:
    return lambda weights: np.mean([metric(weights) for metric in metrics], axis=0)


def _auc(truth: np.ndarray, scores: np.ndarray) -> Weighted:
    """Return the AUC as the weight of pairs in the right order; equal scores count half (Mann and Whitney 1947)."""
    order, starts = _ties(scores)

    def value(weights: np.ndarray) -> np.ndarray:
        positive, everyone = _groups(weights[:, order], truth[order], starts)
        negative = everyone - positive
        below = negative.cumsum(axis=1) - negative / 2
        with np.errstate(invalid="ignore"):
            return (positive * below).sum(axis=1) / (positive.sum(axis=1) * negative.sum(axis=1))

    return value


def _average_precision(truth: np.ndarray, scores: np.ndarray) -> Weighted:
    """Return the average precision, as scikit-learn defines it: no interpolation."""
    order, starts = _ties(-scores)

    def value(weights: np.ndarray) -> np.ndarray:
        positive, everyone = _groups(weights[:, order], truth[order], starts)
        with np.errstate(invalid="ignore"):
            precision = np.nan_to_num(positive.cumsum(axis=1) / everyone.cumsum(axis=1))
            return (positive * precision).sum(axis=1) / positive.sum(axis=1)

    return value


def _ties(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ascending order of scores, and where each group of equal ones starts in it."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    return order, np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))


def _groups(weights: np.ndarray, truth: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weight of the positive rows and of all rows in each group of equal scores."""
    positive = np.add.reduceat(weights * truth, starts, axis=1)
    return positive, np.add.reduceat(weights, starts, axis=1)


def _decided(truths: list[np.ndarray], told: list[np.ndarray], macro: bool) -> dict[str, Weighted]:
    """Return precision, recall and F1 of one class, or their mean over the classes that occur."""
    right = np.array([yes & said for yes, said in zip(truths, told, strict=True)], dtype=float)
    said, true = np.array(told, dtype=float), np.array(truths, dtype=float)

    def of(above: Callable[[Any, Any, Any], Any], below: Callable[[Any, Any, Any], Any]) -> Weighted:
        def value(weights: np.ndarray) -> np.ndarray:
            sums = weights @ right.T, weights @ said.T, weights @ true.T
            over = below(*sums)
            values = np.divide(above(*sums), over, out=np.full_like(sums[0], 0 if macro else np.nan), where=over > 0)
            occurs = sums[1] + sums[2] > 0
            return values.sum(axis=1) / np.maximum(occurs.sum(axis=1), 1) if macro else values[:, 0]

        return value

    return {
        "precision": of(lambda hits, yes, _: hits, lambda hits, yes, _: yes),
        "recall": of(lambda hits, _, true: hits, lambda hits, _, true: true),
        "f1": of(lambda hits, yes, true: 2 * hits, lambda hits, yes, true: yes + true),
    }


def _of_numbers(actual: np.ndarray, predicted: np.ndarray) -> dict[str, Weighted]:
    squared, absolute = _average((actual - predicted) ** 2), _average(np.abs(actual - predicted))
    first, second = _average(actual - actual.mean()), _average((actual - actual.mean()) ** 2)

    def r2(weights: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 - squared(weights) / (second(weights) - first(weights) ** 2))

    return {"rmse": lambda weights: np.sqrt(squared(weights)), "mae": absolute, "r2": r2}
