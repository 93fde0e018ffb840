"""Train: from a config and rows to a model, how good it is, and what there is to keep of both."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime

import joblib
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from src.config import ROOT, threshold_of
from src.data import labels_of, load_data, split
from src.evaluate import evaluate, predictions_file
from src.features import describe, prepare_features, preprocessing

CLASSIFIERS = {
    "logistic_regression": LogisticRegression,
    "random_forest": RandomForestClassifier,
    "gradient_boosting": GradientBoostingClassifier,
    "hist_gradient_boosting": HistGradientBoostingClassifier,
    "k_neighbors": KNeighborsClassifier,
    "dummy": DummyClassifier,
}
REGRESSORS = {
    "ridge": Ridge,
    "random_forest": RandomForestRegressor,
    "gradient_boosting": GradientBoostingRegressor,
    "hist_gradient_boosting": HistGradientBoostingRegressor,
    "k_neighbors": KNeighborsRegressor,
    "dummy": DummyRegressor,
}
FIXED = {"ridge": {"solver": "sparse_cg", "tol": 1e-8}, "k_neighbors": {"algorithm": "kd_tree"}}
"""Arguments that no config changes: with them a row gets one answer, whichever rows are asked about with it."""

UNSEEDED = ("k_neighbors", "dummy")
"""Types that draw no random numbers."""


def build_model(config, task):
    """Return the untrained model that the section `model` of a config asks for: its type, and its parameters."""
    parameters = dict(config["model"])
    kind = parameters.pop("type")
    if kind not in UNSEEDED:
        parameters["random_state"] = config["training"]["random_state"]
    models = REGRESSORS if task == "regression" else CLASSIFIERS
    if kind not in models:
        raise ValueError(f"model.type is {kind!r}; for this question it is one of {', '.join(models)}.")
    return models[kind](**parameters, **FIXED.get(kind, {}))


def train_model(features, labels, columns, config, task):
    """Let preprocessing and model learn from the train rows; return both as one pipeline."""
    steps = preprocessing(config["model"]["type"], columns)
    pipeline = Pipeline([*steps, ("model", build_model(config, task))])
    with threadpool_limits(1):  # the order of additions, and so the last digit, must not depend on the machine
        return pipeline.fit(features, labels)


def train(config, data):
    """Load the data, split it, train and measure.

    Parameters
    ----------
    config : dict
        As `load_config` returns it.
    data : Path
        The note on the data.

    Returns
    -------
    pipeline : sklearn Pipeline
    about : dict
        What is kept beside a model: what it learned from, takes and answers, and how good it is.
    predictions : bytes
        A parquet file with the score of every row.
    """
    table, rows, note = load_data(data)
    parts = split(table, note, config["training"])
    features, columns = prepare_features(table, note, config)
    labels = labels_of(table, note)
    train_rows = parts["train"]
    pipeline = train_model(features.iloc[train_rows], labels[train_rows], columns, config, note["task"])
    signature = {
        **{key: note[key] for key in ("target", "task", "positive", "id")},
        "labels": [] if note["task"] == "regression" else sorted(set(labels.tolist())),
        "features": describe(table, columns, train_rows),
    }
    threshold = threshold_of(config) if note["task"] == "binary" else None
    predictions = predictions_file(pipeline, features, labels, table, rows, parts, note)
    about = {
        "trained_at": datetime.now(UTC).isoformat(),
        "data_version": note["data"],
        "git_commit": git_commit(),
        "metrics": evaluate(pipeline, features, labels, parts, signature, threshold),
        "features": [column["name"] for column in columns],
        "threshold": threshold,
        "seed": config["training"]["random_state"],
        "predictions_sha256": hashlib.sha256(predictions).hexdigest(),
        "signature": signature,
    }
    return pipeline, about, predictions


def save_model(name, pipeline, about, predictions, config, folder=ROOT):
    """Keep a model and the experiment that it came from; return where the model is."""
    models, experiment = folder / "models", folder / "experiments" / name
    models.mkdir(parents=True, exist_ok=True)
    experiment.mkdir(parents=True, exist_ok=True)
    path = models / f"{name}.joblib"
    joblib.dump(pipeline, path)
    about = {"name": name, "version": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), **about}
    write_json(path.with_suffix(".json"), about)
    (experiment / "predictions.parquet").write_bytes(predictions)
    write_json(experiment / "metrics.json", about["metrics"])
    write_json(experiment / "run.json", {key: about[key] for key in about if key != "signature"} | {"config": config})
    return path


def write_json(path, value):
    """Write JSON that people can read, and git can compare."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def git_commit():
    """Return the commit of the code that runs; None outside of a repository."""
    try:
        asked = ["git", "rev-parse", "HEAD"]
        return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
