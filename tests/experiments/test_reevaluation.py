"""Re-evaluation: runs are ranked on rows that none of them learned from or keeps for its test, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import joblib
import pandas as pd
import pytest

from mlops import Workspace
from mlops.base.errors import ConflictError, InvalidError, NotFoundError
from tests.conftest import LOGISTIC, STUMP, customers_frame

HALF = "model: {type: logistic_regression}\ntraining: {test_size: 0.2, validation_size: 0.5}\n"
"""A config that leaves 240 of 600 rows for validation."""


@pytest.fixture
def stump(trained) -> str:
    """The id of the run of `trained`."""
    return trained.runs.list()[0].run_id


def add(ws: Workspace, folder: Path, frame: pd.DataFrame, **options: object) -> None:
    frame.to_csv(folder / "more.csv", index=False)
    ws.datasets.add(folder / "more.csv", **{"name": "customers", **options})


def known(metrics: Mapping[str, float | None]) -> dict[str, float]:
    """Leave out what is undefined: a stump that calls nobody has no precision."""
    return {name: value for name, value in metrics.items() if value is not None}


def newer(rows: int = 100) -> pd.DataFrame:
    """Customers whom nobody has seen, after the known ones."""
    return customers_frame(600 + rows, seed=8).iloc[600:]


def test_runs_on_the_same_rows_get_the_numbers_they_have(trained, stump):
    """Their validation rows are free, and their stored models give the recorded metrics to the last digit."""
    other = trained.train(LOGISTIC).run_id
    found = trained.comparisons.reevaluate([stump, other])
    runs = [trained.runs.get(run_id) for run_id in (stump, other)]
    assert {found.rows_sha256} == {run.rows_sha256["validation"] for run in runs}
    for run in runs:
        assert known(found.metrics[run.run_id]) == pytest.approx(known(run.metrics["validation"]), rel=1e-12)
        assert found.metrics[run.run_id].keys() == run.metrics["validation"].keys()
    assert found.differences[other]["challenger"] == pytest.approx(runs[1].metrics["validation"]["auc"])


def test_the_same_rows_get_the_same_verdict_through_both_doors(trained, stump):
    """Compared or judged again: the interval is the same, so it cannot be luck here and none there."""
    other = trained.train(LOGISTIC).run_id
    compared = trained.comparisons.difference(stump, other)
    again = trained.comparisons.reevaluate([stump, other]).differences[other]
    assert (again["low"], again["high"]) == pytest.approx((compared.low, compared.high), rel=1e-12)
    assert (again["better"], again["verdict"]) == (compared.better, compared.verdict)


def test_only_rows_are_used_that_every_run_left_for_validation(trained):
    """Two seeds: what one left for validation, the other mostly learned from."""
    runs = [trained.train(HALF, seed=seed).run_id for seed in (1, 2)]
    kept = [set(answers[answers["part"] == "validation"]["row"]) for answers in map(trained.runs.predictions, runs)]
    found = trained.comparisons.reevaluate(runs)
    assert found.rows == len(kept[0] & kept[1]) < 240
    assert (found.labelled, found.runs) == (600, tuple(runs))


def test_too_few_common_rows_are_refused(trained):
    """A comparison on a handful of rows is none."""
    runs = [trained.train(LOGISTIC, seed=seed).run_id for seed in (1, 2, 3)]
    with pytest.raises(ConflictError, match="fit and are new to all 3 runs; a comparison needs at least 30"):
        trained.comparisons.reevaluate(runs)


def test_on_a_newer_version_the_known_rows_stay_out(trained, stump, customers, tmp_path):
    """Rows are recognised by their id, also where they stand elsewhere and a cell was corrected."""
    changed = pd.concat([newer(), customers.assign(age=50).iloc[::-1]])
    add(trained, tmp_path, changed)
    other = trained.train(LOGISTIC, seed=1, data="customers@1").run_id
    answers = pd.concat(map(trained.runs.predictions, (stump, other)))
    closed = answers[answers["part"] != "validation"]["row"].nunique()
    found = trained.comparisons.reevaluate([stump, other], data="customers@2")
    assert (found.labelled, found.rows) == (700, 700 - closed)
    assert found.data["version"] == 2


def test_runs_of_two_versions_meet_on_the_latest(trained, stump, customers, tmp_path):
    """What either of them learned from or keeps for its test is left out."""
    add(trained, tmp_path, pd.concat([customers, newer()]))
    other = trained.train(HALF).run_id
    found = trained.comparisons.reevaluate([stump, other])
    closed = set()
    for run_id in (stump, other):
        answers = trained.runs.predictions(run_id)
        closed |= set(answers[answers["part"] != "validation"]["row"])  # the first 600 rows are the same ones
    assert (found.data["version"], found.rows) == (2, 700 - len(closed))


def test_without_ids_rows_of_another_version_cannot_be_found_again(ws, customers, tmp_path):
    """With a cell corrected, a row that was learned from would look new."""
    table = customers.drop(columns="customer_id")
    add(ws, tmp_path, table, target="churn")
    runs = [ws.train(one).run_id for one in (STUMP, LOGISTIC)]
    add(ws, tmp_path, table.assign(age=50))
    assert ws.comparisons.reevaluate(runs).rows > 30  # on their own version it can be told
    with pytest.raises(ConflictError, match="whose rows cannot be found again in customers@2"):
        ws.comparisons.reevaluate(runs, data="customers@2")


def test_a_row_that_occurs_twice_is_closed_where_one_of_the_two_is(ws, customers, tmp_path):
    """Its twin was learned from."""
    table = pd.concat([customers.drop(columns="customer_id")] * 2)
    add(ws, tmp_path, table, target="churn")
    runs = [ws.train(one).run_id for one in (HALF, HALF.replace("logistic_regression", "dummy"))]
    answers = ws.runs.predictions(runs[0])
    kept = answers[answers["part"] == "validation"]["row_hash"]
    closed = set(answers[answers["part"] != "validation"]["row_hash"])
    assert ws.comparisons.reevaluate(runs).rows == (~kept.isin(closed)).sum() < len(kept)


@pytest.mark.parametrize(("target", "metric"), [("contract", "auc"), ("monthly_fee", "rmse")])
def test_classes_and_numbers_are_judged_again_as_well(ws, customers, tmp_path, target, metric):
    """Each with the metrics, intervals and main metric of its task."""
    add(ws, tmp_path, customers.dropna(), target=target, id="customer_id")
    runs = [ws.train(f"model: {{type: random_forest, n_estimators: {trees}}}").run_id for trees in (1, 20)]
    found = ws.comparisons.reevaluate(runs)
    for run_id in runs:
        assert found.metrics[run_id] == pytest.approx(ws.runs.get(run_id).metrics["validation"], rel=1e-12)
        assert set(found.intervals[run_id]) == set(found.metrics[run_id])
    assert found.differences[runs[1]]["metric"] == metric


def test_nothing_is_recorded(trained, stump):
    """It is a look, and no test is opened by it."""
    runs, head = [stump, trained.train(LOGISTIC).run_id], trained.head()
    trained.comparisons.reevaluate(runs)
    assert trained.head() == head


def test_a_model_from_elsewhere_is_never_loaded(trained, stump, tmp_path):
    """A joblib file can run code; only those that were trained here are opened."""
    joblib.dump(Bomb(tmp_path / "ran"), tmp_path / "model.joblib")
    foreign = trained.runs.log("theirs", {}, {"validation": {"auc": 0.9}}, files=[tmp_path / "model.joblib"])
    with pytest.raises(InvalidError, match="has no model"):
        trained.comparisons.reevaluate([stump, foreign.run_id])
    assert not (tmp_path / "ran").exists()


class Bomb:
    """Makes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.touch, (self.path,)


def test_other_targets_columns_and_classes_are_refused(trained, stump, customers, tmp_path):
    """What the models take and answer must be there."""
    other = trained.train(LOGISTIC).run_id
    add(trained, tmp_path, customers.drop(columns="age"), name="short", target="churn", id="customer_id")
    add(trained, tmp_path, customers, name="plans", target="contract", id="customer_id")
    with pytest.raises(InvalidError, match="short@1 has another schema .*: age should be a column, but is missing"):
        trained.comparisons.reevaluate([stump, other], data="short")
    with pytest.raises(InvalidError, match=r"predicts churn \(binary\); the target of plans@1 is contract"):
        trained.comparisons.reevaluate([stump, other], data="plans")
    with pytest.raises(InvalidError, match="predicts contract"):
        trained.comparisons.reevaluate([stump, trained.train(STUMP, data="plans").run_id])


def test_one_run_or_an_unknown_one_cannot_be_judged_again(trained, stump):
    """It takes two that are there."""
    for named in ([stump], [stump, stump]):
        with pytest.raises(InvalidError, match="1 run cannot be compared"):
            trained.comparisons.reevaluate(named)
    with pytest.raises(NotFoundError):
        trained.comparisons.reevaluate([stump, "zzz"])
