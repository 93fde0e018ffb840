"""The difference of two runs: causes, rows, answers, metrics and luck; and what cannot be compared says so."""

from __future__ import annotations

from collections import Counter

import pytest

from mlops.base.artifacts import Artifacts
from tests.conftest import LOGISTIC, STUMP


@pytest.fixture
def stump(trained) -> str:
    """The id of the run of `trained`."""
    return trained.runs.list()[0].run_id


def test_a_run_does_not_differ_from_itself(trained, stump):
    """Nothing went in otherwise, no answer moved, no metric did."""
    found = trained.comparisons.diff(stump, stump)
    assert (found.differs, found.data, found.not_applicable) == ((), None, {})
    assert found.predictions == {"rows": 60, "changed": 0, "flipped": 0, "largest": 0.0}
    assert all(one["before"] == one["after"] for one in found.metrics)
    assert {one["difference"] for one in found.metrics if one["before"] is not None} == {0.0}
    assert (found.luck["low"], found.luck["high"], found.luck["verdict"]) == (0.0, 0.0, "inconclusive")


def test_the_same_rows_with_other_roles_are_other_data(trained, stump, customers_csv):
    """Which column is no feature any more, and which class is looked for, is a cause like a changed cell."""
    trained.datasets.add(customers_csv, "customers", group="region", positive="0")
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    assert found.data["roles_changed"] == {"group": (None, "region"), "positive": (1, 0)}
    assert (found.data["rows_added"], found.data["rows_removed"], found.data["rows_changed"]) == (0, 0, 0)
    assert {one["key"] for one in found.differs if one["what"] == "data"} == {"version", "group", "positive"}


def test_changed_answers_are_those_of_the_two_files(trained, stump):
    """Counted on the validation rows, each run at its own threshold."""
    other = trained.train(LOGISTIC, overrides={"thresholds": {"churn": 0.3}})
    old, new = (
        table[table["part"] == "validation"].set_index("row")["probability"]
        for table in map(trained.runs.predictions, (stump, other.run_id))
    )
    new = new.loc[old.index]
    told = trained.comparisons.diff(stump, other.run_id).predictions
    assert told["flipped"] == ((old >= 0.5) != (new >= 0.3)).sum() > 0
    assert told["changed"] == (old != new).sum() > 0
    assert told["largest"] == pytest.approx((old - new).abs().max())


def test_metrics_are_those_recorded_and_their_difference(trained, stump):
    """After minus before, for every split."""
    other = trained.train(LOGISTIC)
    found = {one["metric"]: one for one in trained.comparisons.diff(stump, other.run_id).metrics}
    before, after = (trained.runs.get(run_id).metrics["validation"]["auc"] for run_id in (stump, other.run_id))
    assert found["validation.auc"] == {
        "metric": "validation.auc",
        "before": before,
        "after": after,
        "difference": after - before,
    }


def test_rows_of_another_split_are_counted_and_luck_is_not_asked(trained, stump):
    """Answers are compared on the rows that both left for validation; the metrics do not rank the runs."""
    other = trained.train(STUMP, seed=1)
    found = trained.comparisons.diff(stump, other.run_id)
    kept = [
        set(table[table["part"] == "validation"]["row"])
        for table in map(trained.runs.predictions, (stump, other.run_id))
    ]
    assert found.rows["validation"] == {"before": 60, "after": 60, "shared": len(kept[0] & kept[1])}
    assert found.predictions["rows"] == len(kept[0] & kept[1])
    assert found.luck is None and "different rows" in found.not_applicable["luck"]


def test_other_data_are_told_by_rows_and_cells(trained, stump, customers, tmp_path):
    """Ten customers fewer, and one who grew older."""
    changed = customers.iloc[:590].copy()
    changed.loc[0, "age"] = 99
    changed.to_csv(tmp_path / "changed.csv", index=False)
    trained.datasets.add(tmp_path / "changed.csv", name="customers")
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    told = {key: found.data[key] for key in ("rows_added", "rows_removed", "rows_changed", "cells_changed")}
    assert told == {"rows_added": 0, "rows_removed": 10, "rows_changed": 1, "cells_changed": {"age": 1}}
    assert {one["key"] for one in found.differs if one["what"] == "data"} == {"version", "sha256"}


def test_a_run_from_elsewhere_says_why_it_has_no_answers(trained, stump):
    """Its metrics are compared all the same."""
    foreign = trained.runs.log("theirs", {}, {"validation": {"auc": 0.5}})
    found = trained.comparisons.diff(stump, foreign.run_id)
    assert (found.data, found.rows, found.predictions, found.luck) == (None, None, None, None)
    assert set(found.not_applicable) == {"data", "rows", "predictions", "luck"}
    assert foreign.run_id in found.not_applicable["predictions"]
    assert {one["metric"]: one["after"] for one in found.metrics}["validation.auc"] == 0.5


@pytest.mark.parametrize(("target", "flips"), [("contract", True), ("monthly_fee", False)])
def test_classes_and_numbers_are_told_apart_as_well(ws, customers, tmp_path, target, flips):
    """A predicted number moves; it does not flip."""
    customers.dropna().to_csv(tmp_path / "c.csv", index=False)
    ws.datasets.add(tmp_path / "c.csv", name="c", target=target, id="customer_id")
    pair = [ws.train(f"model: {{type: random_forest, n_estimators: {n}}}").run_id for n in (1, 9)]
    found = ws.comparisons.diff(*pair)
    assert found.not_applicable == {} and found.predictions["changed"] > 0
    assert (found.predictions["flipped"] is not None) == flips
    assert found.luck["metric"] == ("auc" if flips else "rmse")


def test_two_targets_have_no_common_answers(trained, stump, customers, tmp_path):
    """The same customers, asked something else."""
    customers.assign(note="x").to_csv(tmp_path / "c.csv", index=False)
    trained.datasets.add(tmp_path / "c.csv", name="customers", target="contract")
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    assert found.predictions is None
    assert "predict different targets or classes" in found.not_applicable["predictions"]


def test_datasets_of_different_names_have_no_common_rows(trained, stump, customers, tmp_path):
    """Customer 1 of one company is not customer 1 of another."""
    customers.iloc[:500].to_csv(tmp_path / "c.csv", index=False)
    trained.datasets.add(tmp_path / "c.csv", name="others", target="churn", id="customer_id")
    found = trained.comparisons.diff(stump, trained.train(STUMP, data="others").run_id)
    assert found.rows is None and "customers and others are different datasets" in found.not_applicable["rows"]


def test_every_file_of_two_runs_is_read_once(trained, stump, monkeypatch):
    """Rows, answers and luck come from the same look at what the runs answered."""
    other, reads, read = trained.train(LOGISTIC).run_id, Counter(), Artifacts.read
    monkeypatch.setattr(Artifacts, "read", lambda self, path, sha256: reads.update([path]) or read(self, path, sha256))

    found = trained.comparisons.diff(stump, other)

    assert found.rows and found.predictions and found.luck
    assert set(reads.values()) == {1} and f"experiments/{other}/predictions.parquet" in reads
