"""Whatever a run was: training in its project gives its predictions, byte for byte, and its model gives its answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops import Workspace
from mlops.export.contents import Contents
from tests.conftest import customers_frame
from tests.export.source import source
from tests.models.test_estimators import EVERY, SMALL, TARGETS

pytestmark = pytest.mark.slow

TREES = "model: {type: gradient_boosting, n_estimators: 3}\n"
LINES = "model: {type: logistic_regression}\n"


def laid_out(ws: Workspace, ref: Any, folder: Path) -> Path:
    """Write the files of a project without their history."""
    for part in Contents(ws, ref).parts():
        for path, file in part.files.items():
            place = folder.joinpath(*path.split("/"))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.content)
    return folder


def check(ws: Workspace, run: Any, folder: Path) -> dict[str, Any]:
    """Train in the project of a run: predictions, metrics and answers are those of the run; return what it says."""
    model = ws.models.register(run, "tried")
    laid_out(ws, model, folder)
    with source(folder) as src:
        project = src.config.load_project()
        _, about, predictions = src.train.train(src.config.load_config(project["config"]), project["data"])
        kept = src.predict.load_model(project["model"])
        table, _, _ = src.data.load_data(project["data"])
        rows = table.slice(0, 40).to_pandas()
        theirs = src.predict.answer(kept, rows)[0]
    assert about["predictions_sha256"] == run.predictions_sha256
    assert predictions == ws.runs.file(run, "predictions.parquet")
    for part, found in about["metrics"].items():
        known = {name: value for name, value in run.metrics[part].items() if value is not None}
        assert {name: found[name] for name in known} == pytest.approx(known, rel=1e-12)
    document = ws.models.metadata(model)
    assert about["signature"] == {key: value for key, value in document["signature"].items() if key != "ignored"}
    assert (about["features"], about["threshold"]) == (list(model.features), model.threshold)
    ours = [ws.predict(model, row).as_dict() for row in table.slice(0, 40).to_pylist()]
    for own, other in zip(ours, theirs.to_dict("records"), strict=True):
        assert own["prediction"] == other["prediction"]
        flat = own | {f"probability_{label}": score for label, score in own.get("probabilities", {}).items()}
        assert all(flat[name] == value for name, value in other.items() if "probability" in name)
    return about


@pytest.fixture
def rows(tmp_path) -> Path:
    frame = customers_frame(180)
    frame.dropna(subset=["monthly_fee"]).to_csv(tmp_path / "rows.csv", index=False)
    return tmp_path / "rows.csv"


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_every_type_and_task(ws, rows, tmp_path, name, task):
    ws.datasets.add(rows, name="rows", target=TARGETS[task], id="customer_id", task=task)
    check(ws, ws.train(f"model: {{type: {name}{SMALL.get(name, '')}}}\n"), tmp_path / "project")


@pytest.mark.parametrize(
    "config",
    [
        f"{LINES}training: {{test_size: 0.3, validation_size: 0.1, random_state: 7}}\n",
        f"{TREES}training: {{split: latest, test_size: 0.3}}\n",
        f"{TREES}training: {{group: region, test_size: 0.3, random_state: 1}}\n",
        f"{LINES}features: {{exclude: [contract, online]}}\nthresholds: {{churn: 0.3}}\n",
        f"{LINES}features: {{include: [online, contract, age]}}\n",
        "model: {type: random_forest, n_estimators: 3, max_features: 0.5, max_depth: 4}\n",
        "model: {type: logistic_regression, class_weight: balanced, C: 0.01}\n",
    ],
    ids=("sizes", "latest", "group", "exclude", "include", "forest", "weights"),
)
@pytest.mark.parametrize("roles", [{"id": "customer_id", "time": "signed_up"}, {}], ids=("roles", "no_roles"))
def test_every_way_to_split_and_choose(ws, tmp_path, config, roles):
    """With an id and a time, and where rows have no names: then a row is its content."""
    customers_frame(300).to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="churn", **roles)
    check(ws, ws.train(config), tmp_path / "project")


@pytest.mark.parametrize(
    ("column", "values", "roles"),
    [
        ("churn", ["yes", "no"], {"positive": "yes"}),
        ("churn", [True, False], {"positive": "true"}),
        ("churn", [2.5, 7.25], {"task": "regression"}),
        ("customer_id", [1, 2], {}),
        ("customer_id", ["007", "1e5"], {}),
        ("online", [True, None], {}),
        ("age", [40, None], {}),
        ("region", ["süd | `x`\n<b>", ""], {}),
        ("monthly_fee", [1e-300, 3e37], {}),
        ("region", [None, None], {}),
    ],
    ids=str,
)
def test_columns_of_every_kind(ws, tmp_path, column, values, roles):
    """Words, truth, ids of all sorts, gaps, text that is hostile, columns with nothing in them."""
    frame = customers_frame(200)
    draw = np.random.default_rng(3).integers(0, 2, len(frame))
    frame[column] = pd.Series([values[one] for one in draw], dtype=object)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="churn", id="customer_id", **roles)
    kind = "ridge" if roles.get("task") == "regression" else "logistic_regression"
    check(ws, ws.train(f"model: {{type: {kind}}}\n"), tmp_path / "project")


def test_many_levels_share_a_column(ws, tmp_path):
    """Beyond a hundred, the rarest ones; beyond a thousand, none is remembered."""
    frame = customers_frame(1500)
    frame["street"] = [f"street {number}" for number in range(1500)]
    frame["city"] = [f"city {number % 150}" for number in range(1500)]
    frame.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="churn", id="customer_id")
    check(ws, ws.train(LINES), tmp_path / "project")


def test_outcomes_that_came_later_and_data_that_was_joined(ws, tmp_path):
    """The project has what the run knew, not what became known since; of joined versions, the rows of all."""
    frame = customers_frame(400)
    ws.set_clock("2024-01-01")
    frame[:150].to_csv(tmp_path / "first.csv", index=False)
    ws.datasets.add(tmp_path / "first.csv", name="rows", target="churn", id="customer_id")
    frame[150:].drop(columns="churn").to_csv(tmp_path / "later.csv", index=False)
    later = ws.datasets.add(tmp_path / "later.csv", name="rows")
    ws.set_clock("2024-02-01")
    frame[150:330][["customer_id", "churn"]].to_csv(tmp_path / "known.csv", index=False)
    ws.outcomes.add(tmp_path / "known.csv", "rows")
    run = ws.train(TREES, data=later.ref)
    joined = ws.datasets.join(["rows@1", "rows@2"], "both")
    ws.set_clock("2024-03-01")
    frame[330:][["customer_id", "churn"]].to_csv(tmp_path / "more.csv", index=False)
    ws.outcomes.add(tmp_path / "more.csv", "rows")

    check(ws, run, tmp_path / "project")
    note = json.loads((tmp_path / "project" / "data" / "rows_v2.json").read_text("utf-8"))
    assert (note["rows"], note["rows_with_outcome"]) == (250, 180)
    check(ws, ws.train(TREES, data=joined.ref), tmp_path / "joined")


def test_a_run_without_a_seed_says_so_and_its_model_is_checked(ws, rows, tmp_path):
    """Nobody can train it again; that is said, and nothing else is weaker."""
    ws.datasets.add(rows, name="rows", target="churn", id="customer_id")
    model = ws.models.register(ws.train(TREES, seed=None), "tried")
    folder = laid_out(ws, model, tmp_path / "project")
    assert "without a seed" in (folder / "README.md").read_text("utf-8")
    with source(folder) as src:
        assert src.config.load_config(folder / "configs" / "config.yaml")["training"]["random_state"] is None


def test_a_workspace_of_format_1(tmp_path):
    """What an older program recorded is exported as it was learned."""
    from tests.old_workspace import opened

    ws = opened(tmp_path)
    exported = 0
    for model in ws.models.list():
        run = ws.runs.get(model.run_id)
        folder = laid_out(ws, model, tmp_path / f"project{exported}")
        with source(folder) as src:
            project = src.config.load_project()
            about = src.train.train(src.config.load_config(project["config"]), project["data"])[1]
        assert about["predictions_sha256"] == run.predictions_sha256, model.ref
        exported += 1
    assert exported
