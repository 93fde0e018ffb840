"""One customer gets one answer, to the last digit, whichever door it is asked through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops import Workspace
from tests.conftest import customers_frame
from tests.serving.servers import serving

pytestmark = pytest.mark.slow

ROWS = 1000

TASKS = {
    "binary": ("churn", "{type: gradient_boosting, n_estimators: 20}"),
    "multiclass": ("contract", "{type: logistic_regression}"),
    "regression": ("monthly_fee", "{type: random_forest, n_estimators: 20}"),
}


@pytest.fixture(params=TASKS)
def ws(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    """A workspace with a model of a task that is live in staging, and the same model beside it as a silent candidate."""
    target, model = TASKS[request.param]
    ws = Workspace.open(tmp_path / "ws")
    customers_frame(ROWS + 200).dropna(subset=["monthly_fee"]).to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", "rows", target=target, id="customer_id", task=request.param)
    run = ws.train(f"model: {model}\n")
    ws.deploy(ws.models.register(run, "m"), "staging", "parity")
    ws.shadow.start(ws.models.register(run, "m"), "staging")
    return ws


def scores_of(answer: dict[str, Any]) -> list[float]:
    """Return the digits of an answer of any task."""
    if "probabilities" in answer:
        return [*answer["probabilities"].values()]
    return [next((answer[name] for name in answer if name.endswith("_probability")), answer["prediction"])]


def test_a_thousand_customers_get_the_same_digits_through_every_door(ws, tmp_path):
    """One by one, as files, over HTTP alone and together, in all of MLflow's forms, and from a silent candidate."""
    model = ws.models.load("m@staging")
    learned = model.signature
    names = [str(learned.id), *learned.names]
    rows = ws.datasets.table("rows").select(names).slice(0, ROWS).to_pylist()
    assert len(rows) == ROWS and any(None in row.values() for row in rows)

    by_row = [ws.predictions.predict(model, row, "staging").as_dict() for row in rows]
    expected = [[*scores_of(one), one["prediction"]] for one in by_row]
    ids = [row["customer_id"] for row in rows]

    def digits(answers: list[dict[str, Any]]) -> list[list[Any]]:
        assert [one["customer_id"] for one in answers] == ids
        return [[*scores_of(one), one["prediction"]] for one in answers]

    with serving(ws, "staging") as here:
        status, together = here.ask("/predict", rows)
        assert status == 200 and digits(together) == expected
        ask = here.ask
        assert digits([ask("/predict", row)[1] for row in rows]) == expected
        features = [{name: row[name] for name in learned.names} for row in rows]
        forms = {
            "dataframe_split": {"columns": learned.names, "data": [[*row.values()] for row in features]},
            "dataframe_records": features,
            "instances": features,
            "inputs": {name: [row[name] for row in features] for name in learned.names},
        }
        for form, table in forms.items():
            status, said = ask("/invocations", {form: table})
            assert status == 200 and said["predictions"] == [one[-1] for one in expected], form

    pd.DataFrame(rows, columns=names, dtype=object).to_csv(tmp_path / "in.csv", index=False)
    for suffix in (".csv", ".parquet"):
        ws.batch_predict("m@staging", tmp_path / "in.csv", tmp_path / f"out{suffix}")
    files = [pd.read_csv(tmp_path / "out.csv"), pd.read_parquet(tmp_path / "out.parquet")]
    for file in files:
        scores = [name for name in file.columns if "probability" in name] or ["prediction"]
        assert file["customer_id"].tolist() == ids
        assert file[[*scores, "prediction"]].to_numpy(dtype=object).tolist() == expected

    ws.shadow.follow("staging")
    pairs = ws.shadow.pairs("staging").to_pandas()
    silent = [name for name in pairs.columns if name.startswith("silent") and name != "silent_prediction"]
    of_row = pairs.set_index("prediction_id").loc[[one["prediction_id"] for one in by_row]]
    assert of_row[[*silent, "silent_prediction"]].to_numpy(dtype=object).tolist() == expected
    report = ws.shadow.report("staging")
    assert (report.n, report.agree, report.flipped) == (len(pairs), len(pairs), 0) or learned.task == "regression"
    assert json.loads(json.dumps(by_row)) == by_row
