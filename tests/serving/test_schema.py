"""The documents of REST: what a model takes and answers, in the words of its data, and true to the last digit."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from mlops import Workspace
from mlops.base.errors import DataError
from mlops.serving import schema
from tests.serving.servers import serving

ODD = {
    "self": "number", "model_": "number", "model_config": "boolean", "class": "text", "def": "integer", "copy": "text",
    "__class__": "number", "schema": "boolean", "größe in cm": "number", "monthly fee (EUR)": "number", "a.b/c~0": "integer",
    "🦊": "text", "<b>": "text", "prediction": "number", "row": "integer", "type": "text", "required": "boolean",
    "x" * 200: "number",
}  # fmt: skip
"""Names that Python, pydantic, JSON Schema, JSON pointers or HTML know as something else."""


def odd_frame(rows: int = 400) -> pd.DataFrame:
    """Return a table with such names; numbers and texts have missing values, and each matters a little."""
    random = np.random.default_rng(3)
    made = {
        "number": lambda: pd.Series(random.normal(10, 3, rows).round(3)).mask(random.random(rows) < 0.1),
        "integer": lambda: pd.Series(random.integers(0, 99, rows)),
        "boolean": lambda: pd.Series(random.random(rows) < 0.5),
        "text": lambda: pd.Series(random.choice(["a b", "ü", "null-like", '"'], rows)).mask(random.random(rows) < 0.1),
    }
    frame = pd.DataFrame({name: made[kind]() for name, kind in ODD.items()})
    frame["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 1200, rows), "D")
    return frame.assign(pull=frame["monthly fee (EUR)"].fillna(10) + 3 * frame["schema"] + random.normal(0, 2, rows))


def served(folder: Path, frame: pd.DataFrame, target: str, config: str, **roles: Any) -> Workspace:
    """Return a workspace in which a model of a table is live in staging."""
    folder.mkdir()
    frame.to_csv(folder / "rows.csv", index=False)
    (folder / "config.yaml").write_text(config)
    ws = Workspace.open(folder / "workspace", actor="ada")
    ws.datasets.add(folder / "rows.csv", name="rows", target=target, **roles)
    ws.deploy(ws.models.register(ws.train(folder / "config.yaml"), name="odd"), environment="staging", reason="try")
    return ws


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    """Three workspaces with odd columns: two classes with an id, three classes without, and a number."""
    folder, frame = tmp_path_factory.mktemp("kinds"), odd_frame()
    level = pd.cut(frame["pull"], 3, labels=["low", "mid ü", "high"]).astype(str)
    tree, line = "{type: gradient_boosting, n_estimators: 5}", "{type: logistic_regression}"
    binary = frame.assign(churn=np.where(frame["pull"] > 11, "yes", "no"), **{"customer id": range(len(frame))})
    return {
        "binary": served(
            folder / "b", binary.drop(columns="pull"), "churn", f"model: {tree}", id="customer id", positive="yes"
        ),
        "multiclass": served(
            folder / "m", frame.drop(columns="pull").assign(level=level), "level", f"model: {line}", task="multiclass"
        ),
        "regression": served(folder / "r", frame, "pull", "model: {type: ridge}", task="regression"),
    }


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_the_documents_hold_for_every_kind_of_model_and_every_name_of_a_column(kinds, kind):
    """All examples of the page are answered, and body and answer are what the documents say, names included."""
    ws = kinds[kind]
    with serving(ws, "staging") as here:
        document = here.ask("/openapi.json")[1]
        components = document["components"]["schemas"]
        row = components["Row"]["properties"]
        assert {*row} - {"customer id"} == {*ODD} == {*components["Row"]["required"]}

        def fits(value: Any, name: str) -> bool:
            return Draft202012Validator(
                {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
            ).is_valid(value)

        for route in ("/predict", "/invocations"):
            operation = document["paths"][route]["post"]
            body = operation["requestBody"]["content"]["application/json"]
            answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            for example in body["examples"].values():
                status, said = here.ask(route, example["value"])
                assert status == 200
                assert fits(example["value"], body["schema"]["$ref"].rpartition("/")[2])
                assert fits(said, answer)
        rows = [dict(one["row"], since="2024-01-01") for one in ws.models.metadata("odd@1.0.0")["examples"]]
        (_, alone), (_, many) = here.ask("/predict", rows[0]), here.ask("/predict", rows)
        assert not fits({**alone, "model_sha256": "x"}, "Predictions") and not fits([], "Predictions")
        scores = {"binary": {"churn_probability"}, "multiclass": {"probabilities"}, "regression": set()}[kind]
        assert scores <= alone.keys() and ("customer id" in alone) == (kind == "binary")
        assert [one.get("row") for one in many] == ([None] * 3 if kind == "binary" else [0, 1, 2])
        assert own(alone) == own(many[0]) == own(ws.predict("odd@1.0.0", rows[0]).as_dict()) and not alone["warnings"]


def own(answer: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return an answer in its order, without what is its own."""
    return [*{**answer, "prediction_id": "p", "predicted_at": "t"}.items()]


COLUMNS = {
    "monthly_fee": {"label": "Monthly fee", "unit": "EUR", "meaning": "What is billed <b>[each](http://x)</b> month."},
    "age": {"label": "Age", "unit": "years"},
}


def test_columns_have_their_label_unit_meaning_and_the_range_that_was_learned_from(tmp_path, customers):
    """Levels are named; what is beyond them is answered all the same, so it is said and not demanded."""
    ws = served(tmp_path / "a", customers, "churn", "model: {type: dummy}", id="customer_id", columns=COLUMNS)
    with serving(ws, "staging") as here:
        document = here.ask("/openapi.json")[1]
        row = document["components"]["schemas"]["Row"]["properties"]
        assert here.ask("/predict", {**here_row(ws), "age": 150, "contract": "weekly"})[0] == 200
    assert (row["monthly_fee"]["title"], row["age"]["title"]) == ("Monthly fee (EUR)", "Age (years)")
    low, high = customers["monthly_fee"].min(), customers["monthly_fee"].max()
    assert row["monthly_fee"]["description"] == (
        f"Monthly fee (EUR): What is billed \\<b>\\[each\\](http://x)\\</b> month. It learned from {low} to {high}. Null where it is not known."
    )
    assert (
        row["age"]["description"]
        == f"Age (years). It learned from {customers['age'].min()} to {customers['age'].max()}."
    )
    assert row["contract"]["description"] == "It learned from monthly, two years, yearly."
    assert document["info"] == {
        "title": "odd in staging",
        "version": "1.0.0",
        "description": "odd@1.0.0 predicts churn; it learned from rows@1.",
    }


def here_row(ws: Workspace) -> dict[str, Any]:
    """Return a row that its model takes."""
    return dict(ws.models.metadata("odd@1.0.0")["examples"][0]["row"])


def test_a_swap_changes_the_documents(tmp_path, customers):
    """The next question is answered with the columns of what answers then."""
    ws = served(tmp_path / "a", customers, "churn", "model: {type: dummy}", id="customer_id")
    with serving(ws, "staging") as here:
        first = here.ask("/openapi.json")[1]
        run = ws.train(tmp_path / "a" / "config.yaml", overrides={"features.exclude": ["age"]})
        ws.deploy(ws.models.register(run, name="odd"), environment="staging", reason="without age")
        here.live.look()
        second = here.ask("/openapi.json")[1]
        assert here.ask("/model")[1]["version"] == second["info"]["version"] == "2.0.0"
    assert first["info"]["version"] == "1.0.0"
    rows = [document["components"]["schemas"]["Row"] for document in (first, second)]
    assert ["age" in row["required"] for row in rows] == [True, False]


def test_documents_are_there_although_the_data_are_lost(tmp_path, customers):
    """Without ranges: the model still answers, so it is still described."""
    ws = served(tmp_path / "a", customers, "churn", "model: {type: dummy}", id="customer_id")
    for file in (tmp_path / "a" / "workspace" / "data").rglob("*.parquet"):
        file.unlink()
    with serving(ws, "staging") as here:
        status, document = here.ask("/openapi.json")
    assert status == 200 and document["components"]["schemas"]["Row"]["properties"]["age"]["type"] == "integer"


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_the_largest_number_that_is_said_is_the_largest_that_is_answered(kinds, kind):
    """Also where numbers are scaled: the one that is said is answered, the next one is refused."""
    ws = kinds[kind]
    model = ws.models.load("odd@1.0.0")
    row = here_row(ws)
    for name, about in schema.components(model, {})["Row"]["properties"].items():
        if name not in ODD or ODD[name] != "number":
            continue
        for edge, beyond in (("minimum", -math.inf), ("maximum", math.inf)):
            assert ws.predictions.predict(model, {**row, name: about[edge]})
            with pytest.raises(DataError, match="a number that the model can hold"):
                ws.predictions.predict(model, {**row, name: math.nextafter(about[edge], beyond)})


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "token"), [("binary", "s3cret"), ("multiclass", None), ("regression", None)])
def test_schemathesis_finds_nothing_with_all_of_its_checks(kinds, tmp_path, kind, token):
    """What the documents allow is answered as they say, what they do not is refused, and nothing is a fault of ours."""
    with serving(kinds[kind], "staging", token=token) as here:
        (tmp_path / "openapi.json").write_text(json.dumps(here.ask("/openapi.json", **bearer(token))[1]))
        line = [sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "--no-color", "run", "openapi.json"]
        options = ["--url", here.url, "--checks", "all", "--max-examples", "15", "--generation-deterministic"]
        header = ["-H", f"Authorization: Bearer {token}"] if token else []
        ran = subprocess.run([*line, *options, *header], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, f"{ran.stdout[-5000:]}{ran.stderr[-2000:]}"
    assert "No issues found" in ran.stdout and "Tested: 6" in ran.stdout


def bearer(token: str | None) -> dict[str, str]:
    """Return the header that brings a token."""
    return {"Authorization": f"Bearer {token}"} if token else {}
