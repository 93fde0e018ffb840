"""Predict: one row or many, from a file or over the network, in one way - so a customer has one answer.

Rows that cannot be used are named with the reason; nothing is guessed. A level that training never saw is none of those
that it knows, and the row is answered.
"""

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from src.features import as_model_takes

MISSING = ("", "?", "NA", "N/A", "NULL", "null", "NaN", "nan")
"""What stands for no value, as in the data that the model learned from."""

LARGEST = float(np.finfo(np.float32).max)
"""Trees compute with 32 bits; a larger number has no answer."""


@dataclass(frozen=True)
class Model:
    """A model that is ready to answer."""

    pipeline: Any
    about: dict
    """What lies beside it as JSON: version, threshold, features, metrics, signature."""

    @property
    def signature(self):
        """What it takes and answers."""
        return self.about["signature"]


def load_model(path):
    """Load a model, if its file is the one that the JSON beside it describes: loading a file can run code."""
    path = Path(path)
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != about["sha256"]:
        raise ValueError(f"{path.name} is not the model that {path.stem}.json describes: its hash is another one.")
    threadpool_limits(1)  # from here on: the last digit must not depend on the machine
    return Model(joblib.load(BytesIO(content)), about)


def read_rows(path):
    """Read rows from CSV or parquet; a CSV file as text, for `answer` knows what each column is."""
    path = Path(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False, na_values=list(MISSING))


def answer(model, rows):
    """Answer rows.

    Parameters
    ----------
    rows : pandas.DataFrame
        With a column for each feature; others are ignored, but the id, which comes back.

    Returns
    -------
    answers : pandas.DataFrame
        One line for each row that was answered, in their order.
    rejected : pandas.DataFrame
        ``row, field, expected, got`` of each that cannot be used.

    Raises
    ------
    ValueError
        If a feature is no column.
    """
    signature, about = model.signature, model.about
    if missing := [one["name"] for one in signature["features"] if one["name"] not in rows.columns]:
        raise ValueError(f"The rows have no column {missing[0]!r}.")
    rows = rows.reset_index(drop=True)
    taken = pd.DataFrame({one["name"]: _taken(rows[one["name"]], one["type"]) for one in signature["features"]})
    rejected = _rejected(rows, taken, signature["features"])
    good = ~rows.index.isin(rejected["row"])
    name = signature["id"] if signature["id"] in rows.columns else "row"
    answers = {name: rows[name][good] if name in rows.columns else rows.index[good]}
    answers |= _answers(model, as_model_takes(taken[good], signature["features"])) if good.any() else {}
    answers |= {"model_version": about["version"], "predicted_at": datetime.now(UTC).isoformat()}
    return pd.DataFrame(answers).reset_index(drop=True), rejected


def scores_of(pipeline, features, signature):
    """Return the probability of the positive class, of each class where there are more, or the predicted number."""
    if signature["task"] == "regression":
        return np.asarray(pipeline.predict(features), dtype=float)
    scores = pipeline.predict_proba(features)
    return scores[:, list(pipeline.classes_).index(signature["positive"])] if signature["task"] == "binary" else scores


def _answers(model, features):
    signature, scores = model.signature, scores_of(model.pipeline, features, model.signature)
    if signature["task"] == "regression":
        return {"prediction": scores}
    labels = signature["labels"]
    if signature["task"] == "multiclass":
        columns = {f"probability_{label}": scores[:, at] for at, label in enumerate(labels)}
        return columns | {"prediction": [labels[best] for best in scores.argmax(axis=1)]}
    threshold, positive = model.about["threshold"], signature["positive"]
    [negative] = [label for label in labels if label != positive]
    said = [positive if score >= threshold else negative for score in scores]
    return {f"{signature['target']}_probability": scores, "prediction": said, "threshold": threshold}


def _taken(values, type):
    """Return values in the type that the model takes; those that have another one are missing, and so is no value."""
    return values.astype(object).map(lambda value: _value(value, type)).astype(object)


def _value(value, type):
    value = value.strip() if isinstance(value, str) else value
    if type == "text":
        return value if isinstance(value, str) and value not in MISSING else np.nan
    if type == "boolean":
        return {"true": 1.0, "false": 0.0}.get(str(value).lower(), np.nan)
    try:
        number = math.nan if isinstance(value, bool | np.bool_) else float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan
    fits = abs(number) <= LARGEST and (type == "number" or number.is_integer())
    return number if fits else np.nan


def _is_missing(value):
    return isinstance(value, str) and value.strip() in MISSING


def _rejected(rows, taken, features):
    """Name the first field of each row that cannot be used."""
    found = {}
    for feature in features:
        name, nullable = feature["name"], feature["nullable"]
        given = rows[name].astype(object)
        absent = given.isna() | given.map(_is_missing).astype(bool)
        wrong = taken[name].isna() & (~absent if nullable else True)
        expected = f"{feature['type']}{' or nothing' if nullable else ''}"
        for row in np.flatnonzero(wrong):
            got = None if absent[row] else str(given[row])[:100]
            found.setdefault(int(row), {"row": int(row), "field": name, "expected": expected, "got": got})
    return pd.DataFrame([found[row] for row in sorted(found)], columns=["row", "field", "expected", "got"])
