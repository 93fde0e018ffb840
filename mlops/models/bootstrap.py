"""Bootstrap: whether one run is better than another, or was lucky.

Two runs that were judged on the same rows are drawn again and again from those rows, *together*: what is hard for both
cancels out, and the difference is known far better than either number. A resample gives every row a weight - how often
it was drawn - so a metric is computed for all resamples at once, from sums of weights. Its derivative by those weights
says how far each row pulls at it; from that `intervals` knows how far luck reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mlops.base.errors import InvalidError
from mlops.base.records import Record
from mlops.models.intervals import Kind, Weighted, of_difference
from mlops.models.signature import Signature

LOWER_IS_BETTER = frozenset({"log_loss", "brier", "rmse", "mae"})
"""Metrics of which less is better."""

Verdict = Literal["better", "worse", "inconclusive"]

FEWEST_ROWS = 10
"""Rows on which a metric must rest - of an AUC those of the rarer class - for an interval of a difference."""
RESAMPLES, FEWEST_RESAMPLES = 1000, 200
FEWEST_DEFINED = FEWEST_RESAMPLES // 2
"""Resamples on which a metric must be defined for a difference."""
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
        **{name: _average(loss) for name, loss in {"log_loss": log_loss, "brier": brier}.items()},
        "accuracy": _average(hits, "counted"),
        **decided,
    }


def difference(baseline: Weighted, challenger: Weighted, metric: str, rows: int, seed: int = 0) -> Difference:
    """Compare two runs by a metric on the same rows: how often the drawn ones agree, and how far luck may reach.

    The draws say how often the challenger is better; the ends are those of `intervals.of_difference`, because the
    percentiles of the draws are too narrow where few rows are positive.

    Parameters
    ----------
    baseline, challenger : Weighted
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
    drawn = [challenger(weights) - baseline(weights) for weights in resamples(rows, seed, CELLS)]
    values = np.concatenate(drawn)
    values = values[np.isfinite(values)]  # without a positive row there is no AUC
    if len(values) < FEWEST_DEFINED:
        raise InvalidError(
            f"{metric} is not defined on these {rows} rows, or hardly ever on rows drawn from them.",
            "Choose another metric, or other rows.",
        )
    low, high = of_difference(baseline, challenger, 0.025)
    lower, upper = of_difference(baseline, challenger, 0.05)
    sign = -1 if metric in LOWER_IS_BETTER else 1
    too_few = _too_few(min(baseline, challenger, key=lambda one: one.rows))
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
        better=float((sign * values > 0).mean()),
        rows=rows,
        resamples=len(values),
        verdict="inconclusive" if too_few else _verdict(sign * low, sign * high),
        too_few=too_few,
    )


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


def _too_few(weaker: Weighted) -> str | None:
    if weaker.rows >= FEWEST_ROWS:
        return None
    return (
        f"Too few to tell: only {weaker.rows} {weaker.called}, and with fewer than {FEWEST_ROWS} no interval of a "
        "difference keeps its level."
    )


def _verdict(end: float, other: float) -> Verdict:
    low, high = sorted((end, other))
    return "better" if low > 0 else "worse" if high < 0 else "inconclusive"


def _average(loss: np.ndarray, kind: Kind = "loss") -> Weighted:
    values, rows = np.asarray(loss, dtype=float), len(loss)
    pull = (values - values.mean()) / np.sqrt(rows * max(rows - 1, 1))
    return Weighted(lambda weights: weights @ values / weights.sum(axis=1), pull, rows, kind)


def _mean(metrics: list[Weighted]) -> Weighted:
    return Weighted(
        lambda weights: np.mean([metric(weights) for metric in metrics], axis=0),
        np.mean([metric.pull for metric in metrics], axis=0),
        min(metric.rows for metric in metrics),
        metrics[0].kind,
        "rows of the rarest class",
    )


def _auc(truth: np.ndarray, scores: np.ndarray) -> Weighted:
    """Return the AUC as the weight of pairs in the right order; equal scores count half (Mann and Whitney 1947).

    The squares of the pulls sum to the variance of DeLong et al., Biometrics 44 (1988).
    """
    order, starts = _ties(scores)

    def value(weights: np.ndarray) -> np.ndarray:
        positive, everyone = _groups(weights[:, order], truth[order], starts)
        negative = everyone - positive
        below = negative.cumsum(axis=1) - negative / 2
        with np.errstate(invalid="ignore"):
            return (positive * below).sum(axis=1) / (positive.sum(axis=1) * negative.sum(axis=1))

    positive, everyone = (sums[0] for sums in _groups(np.ones((1, len(order))), truth[order], starts))
    negative, (m, n) = everyone - positive, (truth.sum(), (~truth).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        won = (negative.cumsum() - negative / 2) / n, 1 - (positive.cumsum() - positive / 2) / m
        auc = (positive * won[0]).sum() / m
        scale = np.sqrt(m * max(m - 1, 1)), np.sqrt(n * max(n - 1, 1))
        of_each = [np.repeat((one - auc) / by, _lengths(starts, order)) for one, by in zip(won, scale, strict=True)]
    pull = np.empty(len(order))
    pull[order] = np.where(truth[order], *of_each)
    return Weighted(value, pull, int(min(m, n)), "share", "rows of the rarer class")


def _average_precision(truth: np.ndarray, scores: np.ndarray) -> Weighted:
    """Return the average precision, as scikit-learn defines it: no interpolation."""
    order, starts = _ties(-scores)

    def value(weights: np.ndarray) -> np.ndarray:
        positive, everyone = _groups(weights[:, order], truth[order], starts)
        with np.errstate(invalid="ignore"):
            precision = np.nan_to_num(positive.cumsum(axis=1) / everyone.cumsum(axis=1))
            return (positive * precision).sum(axis=1) / positive.sum(axis=1)

    positive, everyone = (sums[0] for sums in _groups(np.ones((1, len(order))), truth[order], starts))
    m, above = truth.sum(), everyone.cumsum()
    precision = positive.cumsum() / above
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (positive * precision).sum() / m
        # A row lowers the precision of all groups from its own on; a positive one also raises it.
        raised, lowered = (np.cumsum((positive * by / above)[::-1])[::-1] for by in (1.0, precision))
        of_each = [(precision - found + raised - lowered) / m, -lowered / m]
        of_each = [np.repeat(one * np.sqrt(m / max(m - 1, 1)), _lengths(starts, order)) for one in of_each]
    pull = np.empty(len(order))
    pull[order] = np.where(truth[order], *of_each)
    return Weighted(value, pull, int(m), "bounded", "positive rows")


def _lengths(starts: np.ndarray, order: np.ndarray) -> np.ndarray:
    return np.diff(np.append(starts, len(order)))


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

    def of(
        above: Callable[[Any, Any, Any], Any], below: Callable[[Any, Any, Any], Any], kind: Kind, called: str
    ) -> Weighted:
        def values(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            sums = weights @ right.T, weights @ said.T, weights @ true.T
            over = below(*sums)
            found = np.divide(above(*sums), over, out=np.full_like(sums[0], 0 if macro else np.nan), where=over > 0)
            occurs = sums[1] + sums[2] > 0
            return found, over, occurs

        def value(weights: np.ndarray) -> np.ndarray:
            found, _, occurs = values(weights)
            return found.sum(axis=1) / np.maximum(occurs.sum(axis=1), 1) if macro else found[:, 0]

        found, over, occurs = (one[0][:, None] for one in values(np.ones((1, right.shape[1]))))
        counts = (below(right, said, true) > 0).sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            pull = (above(right, said, true) - found * below(right, said, true)) / over
            pull = np.nan_to_num(pull * np.sqrt(counts / np.maximum(counts - 1, 1)))
        rows = int(counts[occurs].min()) if occurs.any() else 0
        return Weighted(value, pull.sum(axis=0) / max(occurs.sum(), 1), rows, "bounded" if macro else kind, called)

    return {
        "precision": of(lambda hits, yes, _: hits, lambda hits, yes, _: yes, "counted", "rows called positive"),
        "recall": of(lambda hits, _, true: hits, lambda hits, _, true: true, "counted", "positive rows"),
        "f1": of(
            lambda hits, yes, true: 2 * hits,
            lambda hits, yes, true: yes + true,
            "bounded",
            "rows that are positive or called so",
        ),
    }


def _of_numbers(actual: np.ndarray, predicted: np.ndarray) -> dict[str, Weighted]:
    squared, absolute = _average((actual - predicted) ** 2), _average(np.abs(actual - predicted))
    first, second = _average(actual - actual.mean(), "free"), _average((actual - actual.mean()) ** 2)

    def r2(weights: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 - squared(weights) / (second(weights) - first(weights) ** 2))

    def rmse(weights: np.ndarray) -> np.ndarray:
        return np.sqrt(squared(weights))

    rows, (of_error, of_all) = len(actual), (squared.value, second.value)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_rmse = np.nan_to_num(squared.pull / (2 * np.sqrt(of_error)))  # no errors at all
        of_r2 = np.nan_to_num((second.pull * of_error / of_all - squared.pull) / of_all)
    return {"rmse": Weighted(rmse, of_rmse, rows, "loss"), "mae": absolute, "r2": Weighted(r2, of_r2, rows, "free")}
