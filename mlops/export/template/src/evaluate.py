"""Evaluate: how good scores are, and the file by whose hash two trainings are compared."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn import metrics

from src.data import PARTS, row_hashes
from src.predict import scores_of


def evaluate(pipeline, features, labels, parts, signature, threshold):
    """Return the metrics of each part, by name: train, validation, test."""
    measure = measure_numbers if signature["task"] == "regression" else measure_classes
    return {
        part: measure(labels[rows], scores_of(pipeline, features.iloc[rows], signature), signature, threshold)
        for part, rows in parts.items()
    }


def measure_numbers(actual, predicted, signature, threshold):
    """Measure predicted numbers."""
    return {
        "rmse": float(metrics.root_mean_squared_error(actual, predicted)),
        "mae": float(metrics.mean_absolute_error(actual, predicted)),
        "r2": float(metrics.r2_score(actual, predicted)),
    }


def measure_classes(labels, scores, signature, threshold):
    """Measure probabilities; with more than two classes, the mean over each against the rest."""
    classes = np.array(signature["labels"])
    if signature["task"] == "binary":
        truth, said = labels == signature["positive"], scores >= threshold
        squared, among = (scores - truth) ** 2, {"zero_division": 0}
    else:
        truth, said = labels[:, None] == classes[None, :], classes[scores.argmax(axis=1)]
        squared, among = ((scores - truth) ** 2).sum(axis=1), {"average": "macro", "zero_division": 0}
    actual = truth if signature["task"] == "binary" else labels
    return {
        "auc": float(metrics.roc_auc_score(truth, scores)),
        "average_precision": float(metrics.average_precision_score(truth, scores)),
        "log_loss": float(metrics.log_loss(actual, scores, labels=np.unique(actual) if truth.ndim == 1 else classes)),
        "brier": float(squared.mean()),
        "accuracy": float((actual == said).mean()),
        "precision": float(metrics.precision_score(actual, said, **among)),
        "recall": float(metrics.recall_score(actual, said, **among)),
        "f1": float(metrics.f1_score(actual, said, **among)),
    }


def predictions_file(pipeline, features, labels, table, rows, parts, note):
    """Return a parquet file with the score of every row, as bytes: equal trainings give equal ones.

    Columns: row (position in the data), part, row_hash, label, and the score: probability, probability_<class>, or
    prediction.
    """
    order = np.concatenate([parts[part] for part in PARTS])
    scores = np.concatenate([scores_of(pipeline, features.iloc[parts[part]], note) for part in PARTS])
    columns = {
        "row": rows[order],
        "part": np.repeat(PARTS, [len(parts[part]) for part in PARTS]),
        "row_hash": row_hashes(table, note)[order],
        "label": labels[order],
    }
    if note["task"] == "multiclass":
        columns |= {f"probability_{label}": scores[:, at] for at, label in enumerate(sorted(set(labels.tolist())))}
    else:
        columns["prediction" if note["task"] == "regression" else "probability"] = scores
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    return buffer.getvalue()
