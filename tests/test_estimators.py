"""Estimators: every model type, with every task it takes, keeps the same promises."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from conftest import customers_frame

from mlops import Workspace, scoring, tables
from mlops.estimators import ESTIMATORS, find
from mlops.signature import Signature

ROOT = Path(__file__).parents[1]
TARGETS = {"binary": "churn", "multiclass": "contract", "regression": "monthly_fee"}
SMALL = {
    "random_forest": ", n_estimators: 5",
    "gradient_boosting": ", n_estimators: 5",
    "hist_gradient_boosting": ", max_iter: 5",
}
EVERY = [(estimator.name, task) for estimator in ESTIMATORS for task in estimator.tasks]


def config(name: str, seed: int = 42) -> str:
    return f"model: {{type: {name}{SMALL.get(name, '')}}}\ntraining: {{random_state: {seed}}}\n"


def add_datasets(ws: Workspace, folder: Path) -> None:
    """Add the same customers three times: with a target for each task."""
    frame = customers_frame(180)
    frame.dropna(subset=["monthly_fee"]).to_csv(folder / "rows.csv", index=False)
    for task, target in TARGETS.items():
        ws.datasets.add(folder / "rows.csv", name=task, target=target, id="customer_id", task=task)


def train_every(folder: str, seed: int = 42) -> dict[str, str]:
    """Train each model type for each task in a new workspace; return the hashes of the models."""
    ws = Workspace.open(Path(folder) / "ws")
    add_datasets(ws, Path(folder))
    return {f"{name} {task}": str(ws.train(config(name, seed), data=task).model_sha256) for name, task in EVERY}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory) -> Workspace:
    """A workspace with one registered model for each model type and task."""
    folder = tmp_path_factory.mktemp("zoo")
    ws = Workspace.open(folder / "ws")
    add_datasets(ws, folder)
    for name, task in EVERY:
        ws.models.register(ws.train(config(name), data=task), f"{name}_{task}")
    return ws


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_one_row_and_a_file_and_plain_joblib_agree_to_the_last_bit(zoo, tmp_path, name, task):
    """Asked alone, in a file, in any order or straight from the joblib file, a customer has one score."""
    model = zoo.models.load(f"{name}_{task}")
    learned = model.signature
    table = zoo.datasets.table(task)
    frame = tables.frame_of(table, learned.names)
    pipeline = joblib.load(zoo.models.path(model.version.ref))
    plain = pipeline.predict(frame) if task == "regression" else pipeline.predict_proba(frame)
    if task == "binary":
        plain = plain[:, list(pipeline.classes_).index(learned.positive)]

    together = scoring.probabilities(model.pipeline, frame, learned)
    alone = [scoring.probabilities(model.pipeline, frame.iloc[[row]], learned)[0] for row in range(len(frame))]
    backwards = scoring.probabilities(model.pipeline, frame[::-1], learned)[::-1]
    asked = [zoo.predict(model.version, row) for row in table.slice(0, 5).to_pylist()]
    scores = [score_of(answer.as_dict(), learned) for answer in asked]
    for path in (tmp_path / "out.csv", tmp_path / "out.parquet"):
        zoo.batch_predict(model.version, zoo.datasets.checkout(task, tmp_path / f"in{path.suffix}"), path)
        np.testing.assert_array_equal(scored_file(path, learned), plain)

    for other in (together, np.array(alone), backwards):
        np.testing.assert_array_equal(other, plain)
    np.testing.assert_array_equal(np.array(scores), plain[:5])


def score_of(answer: dict, learned: Signature):
    if learned.task == "regression":
        return answer["prediction"]
    if learned.task == "binary":
        return answer[f"{learned.target}_probability"]
    return [answer["probabilities"][label] for label in learned.labels]


def scored_file(path: Path, learned: Signature) -> np.ndarray:
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    if learned.task == "regression":
        return frame["prediction"].to_numpy()
    if learned.task == "binary":
        return frame[f"{learned.target}_probability"].to_numpy()
    return frame[[f"probability_{label}" for label in learned.labels]].to_numpy()


@pytest.mark.slow
def test_the_same_recipe_gives_the_same_bytes_in_any_process_and_workspace(tmp_path):
    """Two processes that hash text differently, two folders, and one of them had loaded models before it trained its own:
    every model file is equal; another seed, another file."""
    hashes = []
    for number, (hash_seed, seed) in enumerate([("1", 42), ("2", 42), ("2", 43)]):
        (tmp_path / str(number)).mkdir()
        before = (
            f"[joblib.load(path) for path in t.Path({str(tmp_path)!r}).glob('0/**/model.joblib')]" if number else None
        )
        program = f"import joblib, json, test_estimators as t; {before}; print(json.dumps(t.train_every({str(tmp_path / str(number))!r}, {seed})))"
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        done = subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True)  # fmt: skip
        hashes.append(json.loads(done.stdout.splitlines()[-1]))
    assert len(hashes[0]) == len(EVERY) and hashes[0] == hashes[1]
    assert [key for key in hashes[0] if hashes[0][key] == hashes[2][key]] == []


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_a_model_meets_missing_values_and_levels_it_has_never_seen(zoo, name, task):
    """Preprocessing is part of the model: whatever comes in a known column, a finite score comes out."""
    model = zoo.models.load(f"{name}_{task}")
    frame = tables.frame_of(zoo.datasets.table(task), model.signature.names)[:3].copy()
    frame.iloc[0] = np.nan
    for column in [feature["name"] for feature in model.signature.features if feature["type"] == "text"]:
        frame.loc[frame.index[1], column] = "from another planet"
    scores = scoring.probabilities(model.pipeline, frame, model.signature)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_the_evaluated_scores_are_those_of_the_kept_model(zoo, name, task):
    """Metrics are measured on the way, on prepared rows; the packed model gives the same scores bit for bit."""
    version = zoo.models.get(f"{name}_{task}")
    model, kept = zoo.models.load(version), zoo.runs.predictions(version.run_id)
    table = zoo.datasets.table(task).take(kept["row"].to_numpy())
    scores = scoring.probabilities(model.pipeline, tables.frame_of(table, model.signature.names), model.signature)
    columns = [column for column in kept.columns if column.startswith(("prediction", "probability"))]
    np.testing.assert_array_equal(kept[columns].to_numpy().reshape(scores.shape), scores)


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_probabilities_are_probabilities(zoo, name, task):
    """Between 0 and 1, and the classes of one row add up to 1; a regression answers any number."""
    kept = zoo.runs.predictions(zoo.models.get(f"{name}_{task}").run_id)
    if task == "regression":
        assert np.isfinite(kept["prediction"]).all()
        return
    scores = kept[[column for column in kept.columns if column.startswith("probability")]].to_numpy()
    assert ((scores >= 0) & (scores <= 1)).all()
    assert task == "binary" or np.allclose(scores.sum(axis=1), 1)


def test_reading_the_model_twice_gives_the_bytes_of_the_first_dump(zoo):
    """The registered file is the file of the run, not a second dump of it."""
    for version in zoo.models.list():
        run = zoo.runs.get(version.run_id)
        assert zoo.models.path(version.ref).read_bytes() == zoo.runs.file(run, "model.joblib")
        assert joblib.load(io.BytesIO(zoo.runs.file(run, "model.joblib")))


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: estimator.name)
def test_every_model_type_has_complete_defaults(estimator):
    """`model: {type: NAME}` alone is a whole recipe, and the record is found by its name."""
    parameters = estimator.parameters(type=estimator.name).model_dump(exclude={"type"})
    assert estimator.build(parameters, estimator.tasks[0], 1) is not None
    assert find(estimator.name) is estimator
