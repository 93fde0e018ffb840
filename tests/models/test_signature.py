"""Signature: what a model takes and answers, learned with it and travelling with it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops import Workspace
from mlops.base.errors import DataError, InvalidError
from mlops.data.versions import DatasetVersion
from mlops.models.matrix import Cells
from mlops.models.signature import REMEMBERED_LEVELS, Signature
from tests.conftest import LOGISTIC, STUMP, customers_frame


def version(**roles) -> DatasetVersion:
    return DatasetVersion.of({"name": "d", "version": 1, "id": "id", "target": "y", "task": "binary"} | roles)


def table(**columns) -> pa.Table:
    rows = {"id": [1, 2, 3], "n": [1, None, 3], "t": ["b", "a", None], "day": ["x", "y", "z"], "y": ["no", "yes", "no"]}
    return pa.table(
        {name: pa.array(values, pa.large_string() if isinstance(values[0], str) else None) for name, values in (rows | columns).items()}
    )  # fmt: skip


def test_the_features_stand_in_the_order_of_the_model_with_what_training_saw():
    """Type, whether a value may be missing, and the known levels of text."""
    learned = Signature.learned(table(), version(), ["t", "n"])
    assert [dict(feature) for feature in learned.features] == [
        {"name": "t", "type": "text", "nullable": True, "levels": ("a", "b")},
        {"name": "n", "type": "integer", "nullable": True, "levels": None},
    ]
    assert learned.names == ["t", "n"]


def test_every_other_column_is_known_and_ignored():
    """Id and target are known by their roles; the rest may come along without a warning."""
    learned = Signature.learned(table(), version(), ["n"])
    assert (learned.id, learned.target, learned.ignored) == ("id", "y", ("t", "day"))


def test_labels_stand_in_the_order_of_the_probabilities():
    """scikit-learn sorts classes, so does the signature; a regression has none."""
    assert Signature.learned(table(), version(), ["n"]).labels == ("no", "yes")
    assert Signature.learned(table(), version(target="n", task="regression"), ["t"]).labels == ()


@pytest.mark.parametrize(("levels", "remembered"), [(REMEMBERED_LEVELS, True), (REMEMBERED_LEVELS + 1, False)])
def test_a_column_of_very_many_levels_is_not_remembered(levels, remembered):
    """Beyond the limit nobody is warned about levels never seen."""
    ids = list(range(levels))
    many = pa.table({"id": ids, "t": pa.array([f"t{i}" for i in ids], pa.large_string()), "y": [i % 2 for i in ids]})
    [feature] = Signature.learned(many, version(), ["t"]).features
    assert (feature["levels"] is not None) is remembered


def test_only_levels_of_the_train_rows_are_known(ws, tmp_path, customers):
    """What the encoder learned is what the signature names; a level of the other parts is answered as unseen."""
    plans = np.array(["basic", "plus"])[np.arange(600) % 2].astype(object)
    plans[::9] = None
    customers.assign(plan=plans).to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="churn", id="customer_id")
    parts = ws.runs.predictions(ws.train(LOGISTIC).run_id).set_index("part")["row"]
    for part, level in (("test", "gold"), ("validation", "silver")):
        plans[parts[part].iloc[0]] = level
    customers.assign(plan=plans).to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows")
    model = ws.models.load(ws.models.register(ws.train(LOGISTIC), "m"))

    texts = [feature for feature in model.signature.features if feature["type"] == "text"]
    encoder = model.pipeline.named_steps["columns"].named_transformers_["texts"]
    seen = [tuple(level for level in levels if isinstance(level, str)) for levels in encoder.categories_]
    assert [feature["levels"] for feature in texts] == seen and ("basic", "plus") in seen
    row = model.metadata["examples"][0]["row"]
    for level in ("gold", "silver"):
        assert ws.predict("m", row | {"plan": level}).warnings == (f"plan = {level!r} was never seen in training.",)
    assert ws.predict("m", row | {"plan": "plus"}).warnings == ()


def test_a_signature_travels_as_json(trained):
    """From run.json comes the record that was learned, and nothing of the machinery of training is in it."""
    document = trained.runs.document(trained.runs.list()[0].run_id)["signature"]
    learned = Signature.of(document)
    assert json.loads(json.dumps(learned.as_dict())) == document
    assert learned.ignored == ("signed_up",)
    assert Cells.of_rows([], learned).shape == (0, len(learned.names))


# The same verdict at every door


def lost(frame):
    return frame.drop(columns="age")


def retyped(frame):
    return frame.assign(age="a" + frame["age"].astype(str))


def recoded(frame):
    return frame.assign(contract=frame["contract"].replace("monthly", "month-to-month"))


def cell(name, value):
    """One cell of the fourth row."""
    return lambda frame: frame.assign(**{name: np.where(np.arange(len(frame)) == 3, value, frame[name].astype(object))})


MISFITS = {
    "as it was": (lambda frame: frame, "taken"),
    "a column is missing": (lost, "refused"),
    "a column of another type": (retyped, "refused"),
    "a known level under another name": (recoded, "refused"),
    "beyond 32 bits": (cell("monthly_fee", 1e39), "without that row"),
    "null where training had none": (cell("age", None), "without that row"),
    "null where training had some": (cell("monthly_fee", None), "taken"),
    "a level never seen": (cell("region", "moon"), "taken"),
}


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    """Bring 300 new rows to every door: what each makes of them, the rows one by one, and what validation says."""
    folder = tmp_path_factory.mktemp("doors")
    ws, frame = Workspace.open(folder / "ws"), customers_frame(900)
    frame[:600].to_csv(folder / "known.csv", index=False)
    ws.datasets.add(folder / "known.csv", "customers", target="churn", id="customer_id")
    runs = [ws.train(STUMP, seed=1), ws.train(STUMP, seed=2)]
    live, model = (ws.models.register(run, "churn_model") for run in runs)
    for environment in ("staging", "production"):
        ws.deploy(live, environment, "first")

    def verdict(rows):
        return {300: "taken", 299: "without that row"}[rows]

    def batch(path):
        report = ws.batch_predict(live, path, folder / "out.csv")
        return verdict(report.rows)

    def gate(path):
        report = ws.gate(model, data=path.stem)
        [why] = [one["why"] for one in report.checks if one["name"] == "rows"]
        assert ("1 of them hold what one of them does not take" in why) == (report.rows == 299)
        return verdict(report.rows)

    def again(path):
        return verdict(ws.comparisons.reevaluate([run.run_id for run in runs], data=path.stem).rows)

    def asked(door, path):
        try:
            return door(path)
        except InvalidError:
            return "refused"

    def answered(row):
        try:
            return bool(ws.predict(live, {name: None if pd.isna(value) else value for name, value in row.items()}))
        except DataError:
            return False

    def bring(number, change):
        path = folder / f"next{number}.csv"
        changed = change(frame[600:].reset_index(drop=True))
        changed.to_csv(path, index=False)
        ws.datasets.add(path, path.stem, target="churn", id="customer_id")
        rows = changed.drop(columns="signed_up").astype(object).head(5).to_dict("records")
        told = {door.__name__: asked(door, path) for door in (batch, gate, again)}
        return told, [answered(row) for row in rows], ws.datasets.validate(f"{path.stem}@1", "customers@1").valid

    return bring


@pytest.mark.parametrize("name", MISFITS)
def test_row_file_gate_and_reevaluation_give_the_same_verdict(doors, name):
    """Whatever does not fit a model is refused, or left out, wherever it comes; what is merely new is answered.

    One row alone cannot tell that a level has another name: it is answered, and the level named.
    """
    change, expected = MISFITS[name]
    told, rows, valid = doors([*MISFITS].index(name), change)
    assert told == dict.fromkeys(told, expected)
    assert valid == (expected != "refused")
    alone = [expected != "refused" or change is recoded] * 5
    alone[3] = alone[3] and expected != "without that row"
    assert rows == alone
