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
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import DataError
from mlops.data import tables
from mlops.models import scoring
from mlops.models.estimators import ESTIMATORS, find
from mlops.models.matrix import Cells
from mlops.models.signature import Signature
from mlops.release.registry import LoadedModel
from tests.conftest import customers_frame

ROOT = Path(__file__).parents[2]
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

    def scores_of(rows: pa.Table) -> np.ndarray:
        return scoring.probabilities(model.pipeline, Cells.of_table(rows, learned), learned)

    together, rows = scores_of(table), table.num_rows
    alone = [scores_of(table.slice(row, 1))[0] for row in range(0, rows, 3)]
    backwards = scores_of(table.take([*range(rows)][::-1]))[::-1]
    asked = [zoo.predict(model.version, row) for row in table.slice(0, 5).to_pylist()]
    scores = [score_of(answer.as_dict(), learned) for answer in asked]
    for path in (tmp_path / "out.csv", tmp_path / "out.parquet"):
        zoo.batch_predict(model.version, zoo.datasets.checkout(task, tmp_path / f"in{path.suffix}"), path)
        np.testing.assert_array_equal(scored_file(path, learned), plain)

    for other in (together, backwards):
        np.testing.assert_array_equal(other, plain)
    np.testing.assert_array_equal(np.array(alone), plain[::3])
    np.testing.assert_array_equal(np.array(scores), plain[:5])


LEVELS = ("north", "south", "east", "monthly", "yearly", "from another planet", " a  b ", "\u00e9", "0", "True")


def rows_of(learned: Signature) -> st.SearchStrategy[list[dict]]:
    """Rows as callers send them: nulls where they may be, levels never seen, booleans, whole numbers beyond 2^53."""
    whole = st.integers(-(2**63) + 1, 2**63 - 1) | st.integers(0, 100) | st.integers(2**53, 2**53 + 100)
    kinds = {
        "number": st.floats(-1e12, 1e12) | st.integers(-1000, 1000) | st.sampled_from([-0.0, 5e-324, 1e30]),
        "integer": whole | whole.filter(lambda value: abs(value) < 2**53).map(float),
        "boolean": st.booleans(),
        "text": st.sampled_from(LEVELS) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5),
    }
    cells = {
        one["name"]: kinds[one["type"]] | (st.none() if one["nullable"] else st.nothing()) for one in learned.features
    }
    return st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=6)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), EVERY)
def test_rows_are_answered_as_scikit_learn_answers_a_frame_of_them(zoo, name, task):
    """Every bit, alone and together, whatever stands in them; and nothing warns of columns without names."""
    model = zoo.models.load(f"{name}_{task}")
    learned, pipeline = model.signature, joblib.load(zoo.models.path(model.version.ref))
    schema = pa.schema([(one["name"], tables.ARROW[one["type"]]) for one in learned.features])

    @settings(max_examples=40, deadline=None)
    @given(rows_of(learned))
    def holds(rows):
        try:
            values = [learned.row(row)[0] for row in rows]
        except DataError:  # "?" is no value
            return
        table = pa.Table.from_pylist(values, schema)
        frame = tables.frame_of(table, learned.names)
        expected = pipeline.predict(frame) if task == "regression" else pipeline.predict_proba(frame)
        if task == "binary":
            expected = expected[:, list(pipeline.classes_).index(learned.positive)]
        for cells in (Cells.of_rows(values, learned), Cells.of_table(table, learned)):
            np.testing.assert_array_equal(scoring.probabilities(model.pipeline, cells, learned), expected)
        alone = [scoring.probabilities(model.pipeline, Cells.of_rows([one], learned), learned)[0] for one in values]
        np.testing.assert_array_equal(np.array(alone), expected)

    holds()
    assert hasattr(model.pipeline, "feature_names_in_")  # the model itself keeps them


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
def test_the_same_config_gives_the_same_bytes_in_any_process_and_workspace(tmp_path):
    """Two processes that hash text differently, two folders, and one of them had loaded models before it trained its own:
    every model file is equal; another seed, another file."""
    hashes = []
    for number, (hash_seed, seed) in enumerate([("1", 42), ("2", 42), ("2", 43)]):
        (tmp_path / str(number)).mkdir()
        before = (
            f"[joblib.load(path) for path in t.Path({str(tmp_path)!r}).glob('0/**/model.joblib')]" if number else None
        )
        program = f"import joblib, json; from tests.models import test_estimators as t; {before}; print(json.dumps(t.train_every({str(tmp_path / str(number))!r}, {seed})))"
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True)  # fmt: skip
        hashes.append(json.loads(done.stdout.splitlines()[-1]))
    assert len(hashes[0]) == len(EVERY) and hashes[0] == hashes[1]
    assert [key for key in hashes[0] if hashes[0][key] == hashes[2][key]] == []


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_a_model_meets_missing_values_and_levels_it_has_never_seen(zoo, name, task):
    """Preprocessing is part of the model: whatever comes in a known column, a finite score comes out."""
    model = zoo.models.load(f"{name}_{task}")
    rows = zoo.datasets.table(task).slice(0, 3).to_pylist()
    rows[0] = dict.fromkeys(rows[0])
    for column in [feature["name"] for feature in model.signature.features if feature["type"] == "text"]:
        rows[1][column] = "from another planet"
    scores = scoring.probabilities(model.pipeline, Cells.of_rows(rows, model.signature), model.signature)
    assert np.isfinite(scores).all()


LARGE = (3e38, 1e39, -1e39, 1e99, 1e101, 1e160, 1e308, -1.79e308)


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_a_number_of_any_size_gets_a_finite_answer_or_is_refused_by_name(zoo, tmp_path, name, task):
    """Trees hold 32 bits, others square what they hold. Alone and in a file alike; the other rows get their answers."""
    model = zoo.models.load(f"{name}_{task}")
    field = "age" if task == "regression" else "monthly_fee"
    model = replaced(model, field)
    [row] = zoo.datasets.table(task).slice(0, 1).to_pylist()
    rows = [row | {field: value} for value in (row[field], *LARGE)]
    refused = []
    for number, one in enumerate(rows):
        try:
            scores = np.array(score_of(zoo.predictions.predict(model, one).as_dict(), model.signature))
            assert np.isfinite(scores).all()
        except DataError as error:
            assert error.details[0]["field"] == field and error.details[0]["got"] == one[field]
            refused.append(number)
    pd.DataFrame(rows).to_csv(tmp_path / "rows.csv", index=False)
    report = zoo.batches.score(model, tmp_path / "rows.csv", tmp_path / "out.csv")

    assert (report.input_rows, report.rejected) == (len(rows), len(refused))
    if refused:
        rejected = pd.read_csv(report.rejected_output)
        assert rejected["row"].tolist() == refused and set(rejected["field"]) == {field}
        assert set(rejected["expected"]) == {scoring.HELD}
    assert np.isfinite(scored_file(tmp_path / "out.csv", model.signature)).all()
    single = name in ("random_forest", "gradient_boosting")
    assert (refused == list(range(2, len(rows)))) if single else (refused[:1] != [1])


def replaced(model: LoadedModel, field: str) -> LoadedModel:
    """Let a field be any number: whole ones end at 2^63."""
    features = [
        {**one, "type": "number"} if one["name"] == field else one for one in model.signature.as_dict()["features"]
    ]
    metadata = {**model.metadata, "signature": {**model.signature.as_dict(), "features": features}}
    return LoadedModel(model.version, metadata, model.pipeline)


@pytest.mark.parametrize(
    ("name", "value"),
    [("random_forest", 1e39), ("gradient_boosting", -1e39), ("k_neighbors", 1e101), ("logistic_regression", 1e308)],
)
def test_a_training_names_the_column_with_a_number_that_the_model_cannot_hold(ws, tmp_path, name, value):
    """Instead of a traceback, and with a way out; another model type may hold it."""
    frame = customers_frame(60)
    frame.loc[3, "monthly_fee"] = value
    frame.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="churn", id="customer_id")
    with pytest.raises(DataError, match=rf"monthly_fee holds .*, more than {name} can compute with") as refused:
        ws.train(config(name))
    assert "features.exclude: [monthly_fee]" in refused.value.next_step
    assert ws.train(config("hist_gradient_boosting")).status == "finished"


def test_a_target_too_large_to_be_squared_is_refused_by_name(ws, tmp_path):
    """Errors are squared, whatever the model."""
    frame = customers_frame(60).dropna(subset=["monthly_fee"])
    frame["monthly_fee"] *= 1e200
    frame.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="monthly_fee", id="customer_id")
    with pytest.raises(DataError, match="monthly_fee, the target, holds"):
        ws.train(config("dummy"))


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_the_evaluated_scores_are_those_of_the_kept_model(zoo, name, task):
    """Metrics are measured on the way, on prepared rows; the packed model gives the same scores bit for bit."""
    version = zoo.models.get(f"{name}_{task}")
    model, kept = zoo.models.load(version), zoo.runs.predictions(version.run_id)
    table = zoo.datasets.table(task).take(kept["row"].to_numpy())
    scores = scoring.probabilities(model.pipeline, Cells.of_table(table, model.signature), model.signature)
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
    """`model: {type: NAME}` alone is a whole config, and the record is found by its name."""
    parameters = estimator.parameters(type=estimator.name).model_dump(exclude={"type"})
    assert estimator.build(parameters, estimator.tasks[0], 1) is not None
    assert find(estimator.name) is estimator
