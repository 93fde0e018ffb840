"""Curves: what a picture of a model's answers needs - ROC, precision and recall, confusion, residuals."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops.models.signature import Signature

MAX_POINTS = 200
"""Points of a curve that are kept; a screen cannot show more."""


def of(labels: np.ndarray, scores: np.ndarray, signature: Signature, threshold: float) -> dict[str, Any]:
    """Return what a picture of a model's answers needs, by name.

    Parameters
    ----------
    labels, scores, signature, threshold
        As for `metrics.of`.

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
