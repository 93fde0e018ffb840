"""Evaluation: how good scores are, with intervals.

Every metric is scikit-learn's. Where a metric is undefined - an AUC of one class, a precision where nobody is said to
be positive - it is None, never NaN, and not zero.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import stats

from mlops import bootstrap
from mlops.signature import Signature

MAX_POINTS = 200
"""Points of a curve that are kept; a screen cannot show more."""


def metrics(labels: np.ndarray, scores: np.ndarray, signature: Signature, threshold: float) -> dict[str, float | None]:
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
    dict
        Binary and multiclass: auc (multiclass: one against the rest, macro average), average_precision,
        log_loss, brier, accuracy, precision, recall, f1 (multiclass: macro). Regression: rmse, mae, r2.
        https://scikit-learn.org/stable/modules/model_evaluation.html
    """
    from sklearn import metrics as sk

    if signature.task == "regression":
        return {
            "rmse": float(sk.root_mean_squared_error(labels, scores)),
            "mae": float(sk.mean_absolute_error(labels, scores)),
            "r2": float(sk.r2_score(labels, scores)) if len(np.unique(labels)) > 1 else None,
        }
    if signature.task == "binary":
        truth, predicted = labels == signature.positive, scores >= threshold
        both = 0 < truth.sum() < len(truth)
        ranked = {
            "auc": _number(sk.roc_auc_score(truth, scores)) if both else None,
            "average_precision": _number(sk.average_precision_score(truth, scores)) if truth.any() else None,
            "log_loss": _number(sk.log_loss(truth, scores, labels=[False, True])),
            "brier": _number(np.mean((scores - truth) ** 2)),
        }
        average, undefined = "binary", math.nan
    else:
        classes = np.array(signature.labels)
        hot = labels[:, None] == classes[None, :]
        truth, predicted = labels, classes[scores.argmax(axis=1)]
        every = bool(hot.any(axis=0).all()) and len(classes) > 1
        ranked = {
            "auc": _number(sk.roc_auc_score(hot, scores, average="macro")) if every else None,
            "average_precision": _number(sk.average_precision_score(hot, scores, average="macro")) if every else None,
            "log_loss": _number(sk.log_loss(labels, scores, labels=classes)),
            "brier": _number(np.mean(((scores - hot) ** 2).sum(axis=1))),
        }
        average, undefined = "macro", 0.0
    decided = {
        name: _number(getattr(sk, f"{name}_score")(truth, predicted, average=average, zero_division=undefined))
        for name in ("precision", "recall", "f1")
    }
    return {**ranked, "accuracy": float(sk.accuracy_score(truth, predicted)), **decided}


def intervals(labels: np.ndarray, scores: np.ndarray, signature: Signature, threshold: float) -> dict[str, list[float]]:
    """Return 95 % intervals of the metrics that are defined on these rows.

    Accuracy, and precision and recall of one class: Wilson's interval of a share (see `wilson`). AUC of two classes:
    the same with DeLong's variance (see `auc_interval`). F1 of one class: the same of hits among hits, misses and false
    alarms, of which it is a rising function. Means of a loss: Student's t; RMSE: its square root. All others: the
    percentile bootstrap (see `bootstrap.intervals`).
    """
    if not len(labels):
        return {}
    every = bootstrap.weighted(labels, scores, signature, threshold)
    if signature.task == "regression":
        found = _of_losses(mae=np.abs(labels - scores), rmse=(labels - scores) ** 2)
        found |= {"rmse": [math.sqrt(end) for end in found["rmse"]]} if found else {}
    elif signature.task == "multiclass":
        hits = np.array(signature.labels)[scores.argmax(axis=1)] == labels
        found = {"accuracy": wilson(float(hits.mean()), len(labels))}
    else:
        found = _of_two_classes(labels == signature.positive, scores, threshold)
        every = {name: every[name] for name in ("average_precision",) if (labels == signature.positive).any()}
    others = {name: every[name] for name in every if name not in found}
    return found | (bootstrap.intervals(others, len(labels)) if len(labels) > 1 else {})


def _of_two_classes(truth: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, list[float]]:
    predicted = scores >= threshold
    hits = int((truth & predicted).sum())
    counts = {
        "accuracy": (int((truth == predicted).sum()), len(truth)),
        "precision": (hits, int(predicted.sum())),
        "recall": (hits, int(truth.sum())),
        "f1": (hits, int((truth | predicted).sum())),
    }
    found = {name: wilson(hits / total, total) for name, (hits, total) in counts.items() if total}
    if "f1" in found:
        found["f1"] = [2 * share / (1 + share) for share in found["f1"]]
    likely = np.clip(np.where(truth, scores, 1 - scores), np.finfo(float).eps, 1)
    found |= _of_losses(log_loss=-np.log(likely), brier=(scores - truth) ** 2)
    if 1 < truth.sum() < len(truth) - 1:
        found["auc"] = auc_interval(truth, scores)
    return found


def _of_losses(**losses: np.ndarray) -> dict[str, list[float]]:
    """Return the interval of the mean of each loss, which is never negative; none of a single row."""
    wide = {name: mean_interval(loss) for name, loss in losses.items() if len(loss) > 1}
    return {name: [max(0.0, low), high] for name, (low, high) in wide.items()}


def mean_interval(values: np.ndarray) -> list[float]:
    """Return Student's 95 % interval of the mean of two or more values ("Student", Biometrika 6, 1908)."""
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))
    return [float(values.mean() - half), float(values.mean() + half)]


def auc_interval(truth: np.ndarray, scores: np.ndarray) -> list[float]:
    """Return the 95 % interval of an AUC: Wilson's, of as many rows as give a share DeLong's variance.

    An AUC is the share of pairs in the right order. Near 1, and where a class has few rows, the plain interval of
    DeLong is far too narrow: of 10 positive and 30 negative rows and an AUC of 0.99 it holds the truth in 65 of 100
    samples instead of 95. Where DeLong sees no variance, as in a perfect order, the rows of the smaller class count.

    Parameters
    ----------
    truth : ndarray of bool, shape (n_rows,)
        Which rows are positive; at least two of each class.
    scores : ndarray of shape (n_rows,)
        Higher means more likely positive.

    References
    ----------
    E. R. DeLong et al., "Comparing the areas under two or more correlated receiver operating
    characteristic curves", Biometrics 44 (1988); computed with ranks as in X. Sun and W. Xu, IEEE
    Signal Processing Letters 21 (2014). A share of an effective number of rows: E. Korn and B. Graubard, Survey
    Methodology 24 (1998).

    Examples
    --------
    >>> truth = np.array([False, False, True, False, True, True])
    >>> low, high = auc_interval(truth, np.array([0.1, 0.3, 0.35, 0.5, 0.6, 0.9]))
    >>> 0 <= low < 8 / 9 < high <= 1
    True
    """
    positive, negative = scores[truth], scores[~truth]
    m, n = len(positive), len(negative)
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    of_positive = (ranks[:m] - stats.rankdata(positive)) / n
    of_negative = 1 - (ranks[m:] - stats.rankdata(negative)) / m
    variance = float(of_positive.var(ddof=1) / m + of_negative.var(ddof=1) / n)
    auc = float(of_positive.mean())
    effective = min(auc * (1 - auc) / variance, m + n) if variance else min(m, n)
    return wilson(auc, effective)


def curves(labels: np.ndarray, scores: np.ndarray, signature: Signature, threshold: float) -> dict[str, Any]:
    """Return what a picture of a model's answers needs, by name.

    Parameters
    ----------
    labels, scores, signature, threshold
        As for `metrics`.

    Returns
    -------
    dict
        Binary: ``roc`` {false_positive_rate, true_positive_rate, threshold}, ``precision_recall`` {precision, recall,
        threshold}. Multiclass: ``roc_by_class`` and ``precision_recall_by_class`` {class: as above, one against the
        rest}. Both: ``confusion`` {labels, counts}, a row for each true class, a column for each predicted one.
        Regression: ``predicted`` {actual, predicted}, and ``residuals`` {edges, counts} of actual minus predicted. A
        curve that is not defined, such as a ROC of one class, is left out.
    """
    if signature.task == "regression":
        return _of_numbers(labels, scores)
    classes = np.array(signature.labels)
    if signature.task == "multiclass":
        each = {str(label): _of_two(labels == label, scores[:, at]) for at, label in enumerate(signature.labels)}
        by_class = {
            f"{name}_by_class": {label: curves[name] for label, curves in each.items() if curves}
            for name in ("roc", "precision_recall")
        }
        return {"confusion": _confusion(labels, classes[scores.argmax(axis=1)], signature), **by_class}
    truth = labels == signature.positive
    negative = next(label for label in signature.labels if label != signature.positive)
    predicted = np.where(scores >= threshold, np.array(signature.positive), np.array(negative))
    return {"confusion": _confusion(labels, predicted, signature), **_of_two(truth, scores)}


def _of_two(truth: np.ndarray, scores: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """Return ROC, and precision and recall, of a yes or no; nothing where only one of them happened."""
    from sklearn import metrics as sk

    if not 0 < truth.sum() < len(truth):
        return {}
    false_rate, true_rate, of_roc = sk.roc_curve(truth, scores)
    precision, recall, thresholds = sk.precision_recall_curve(truth, scores)
    return {
        "roc": _thin(false_positive_rate=false_rate, true_positive_rate=true_rate, threshold=np.minimum(of_roc, 1)),
        "precision_recall": _thin(precision=precision[:-1], recall=recall[:-1], threshold=thresholds),
    }


def _confusion(labels: np.ndarray, predicted: np.ndarray, signature: Signature) -> dict[str, Any]:
    counts = [
        [int(((labels == true) & (predicted == told)).sum()) for told in signature.labels] for true in signature.labels
    ]
    return {"labels": list(signature.labels), "counts": counts}


def _of_numbers(actual: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    if not len(actual):
        return {}
    order = np.argsort(actual, kind="stable")
    counts, edges = np.histogram(actual - predicted, bins=min(30, max(5, len(actual) // 10)))
    return {
        "predicted": _thin(actual=actual[order], predicted=predicted[order]),
        "residuals": {"edges": edges.tolist(), "counts": counts.tolist()},
    }


def _thin(**columns: np.ndarray) -> dict[str, list[float]]:
    """Keep at most `MAX_POINTS` points, evenly, with both ends."""
    length = len(next(iter(columns.values())))
    kept = np.unique(np.linspace(0, length - 1, min(length, MAX_POINTS)).round().astype(int))
    return {name: [float(value) for value in values[kept]] for name, values in columns.items()}


def wilson(share: float, total: float) -> list[float]:
    """Return the 95 % interval of a share of so many rows, at least one (E. B. Wilson, JASA 22, 1927)."""
    z = float(stats.norm.ppf(0.975))
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    return [middle - half if share > 0 else 0.0, middle + half if share < 1 else 1.0]


def _number(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
