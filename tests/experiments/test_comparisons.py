"""Comparisons: what a run answered is what its file says, and two runs are ranked only on the same rows."""

from __future__ import annotations

import numpy as np
import pytest

from mlops.base.errors import ConflictError, InvalidError
from tests.conftest import LOGISTIC, STUMP


@pytest.fixture
def pair(trained):
    """A workspace, its stump, and a better run on the same rows."""
    better = trained.train(LOGISTIC)
    return trained, trained.runs.list()[-1].run_id, better.run_id


def test_counts_of_a_threshold_are_those_of_the_downloaded_answers(pair):
    """Whoever counts in the file of predictions gets the same numbers, at every threshold."""
    ws, _, run_id = pair
    answers = ws.runs.predictions(run_id).query("part == 'validation'")
    for threshold in (0.2, 0.35, float(answers["probability"].iloc[0])):
        counts = ws.comparisons.thresholds(run_id).at(threshold)
        said = answers["probability"] >= threshold
        assert counts.tp == int((said & (answers["label"] == 1)).sum())
        assert counts.tp + counts.fp == int(said.sum()) and counts.fn + counts.tn == int((~said).sum())


def test_counts_at_the_own_threshold_give_the_recorded_metrics(pair):
    """Precision, recall and accuracy of the run, from its counts."""
    ws, _, run_id = pair
    run = ws.runs.get(run_id)
    counts = ws.comparisons.thresholds(run_id).at(run.threshold)
    recorded = run.metrics["validation"]
    assert [counts.precision, counts.recall, counts.accuracy] == pytest.approx(
        [recorded["precision"], recorded["recall"], recorded["accuracy"]]
    )


def test_a_difference_starts_from_the_recorded_metrics(pair):
    """The two ends are what the runs say; the interval holds the difference."""
    ws, stump, better = pair
    found = ws.comparisons.difference(stump, better)
    assert (found.metric, found.rows) == ("auc", 60)
    assert found.baseline == pytest.approx(ws.runs.get(stump).metrics["validation"]["auc"])
    assert found.challenger == pytest.approx(ws.runs.get(better).metrics["validation"]["auc"])
    assert found.low <= found.difference <= found.high
    assert found == ws.comparisons.difference(stump, better)


def test_a_difference_in_any_metric_can_be_asked_for(pair):
    """Also where less is better."""
    ws, stump, better = pair
    found = ws.comparisons.difference(stump, better, "log_loss")
    assert found.difference == pytest.approx(found.challenger - found.baseline)
    with pytest.raises(InvalidError, match="'speed' is no metric"):
        ws.comparisons.difference(stump, better, "speed")


def test_runs_on_different_rows_have_no_difference(trained):
    """Luck of the split is not for a bootstrap to tell."""
    other = trained.train(STUMP, overrides={"training.random_state": 1})
    with pytest.raises(ConflictError, match="different rows"):
        trained.comparisons.difference(trained.runs.list()[-1].run_id, other.run_id)


@pytest.mark.parametrize(
    ("config", "first", "then"),
    [
        ("model: {type: ridge}", {"target": "monthly_fee"}, {"target": "monthly_fee"}),
        ("model: {type: ridge}", {"target": "monthly_fee"}, {"target": "age"}),
        (STUMP, {"target": "churn", "positive": 1}, {"target": "churn", "positive": 0}),
    ],
    ids=["corrected outcomes", "another target", "the other class"],
)
def test_runs_are_not_ranked_where_something_else_is_asked_of_the_same_rows(
    ws, customers, tmp_path, config, first, then
):
    """The same customers alone do not make one question."""
    for table, roles in ((customers, first), (customers.assign(monthly_fee=1 - customers["monthly_fee"]), then)):
        table.dropna().to_csv(tmp_path / "c.csv", index=False)
        ws.datasets.add(tmp_path / "c.csv", "customers", id="customer_id", **roles)
    pair = [ws.train(config, data=f"customers@{version}").run_id for version in (1, 2)]
    assert not ws.comparisons.compare(pair).same_rows
    with pytest.raises(ConflictError, match="different rows or outcomes"):
        ws.comparisons.difference(*pair)


def test_rows_are_matched_by_what_names_them_and_not_by_their_place(trained, customers, tmp_path):
    """The same customers in another order are the same rows: both runs see them in one order."""
    customers.sample(frac=1, random_state=3).to_csv(tmp_path / "shuffled.csv", index=False)
    trained.datasets.add(tmp_path / "shuffled.csv", "customers")
    run = trained.train(STUMP)
    ids = [row["customer_id"] for row in trained.datasets.table("customers@2").to_pylist()]
    found = trained.comparisons.judged(run.run_id)
    names = [ids[row] for row in found.rows]
    churn = customers.set_index("customer_id")["churn"]
    assert np.array_equal(found.labels, churn.loc[names].to_numpy())


def test_the_seed_is_told_once_wherever_it_is_kept(trained):
    """A training has it as its seed as well; a run from elsewhere among its parameters alone."""
    seeds = [trained.train(STUMP, seed=seed).run_id for seed in (1, 2)]
    logged = [trained.runs.log("elsewhere", {"training.random_state": seed}, {}).run_id for seed in (1, 2)]
    told = {"what": "seed", "key": "seed", "values": (1, 2)}
    assert trained.comparisons.compare(seeds).differs == trained.comparisons.compare(logged).differs == (told,)


def test_a_run_from_elsewhere_has_no_answers_to_look_at(trained):
    """It is said, with the next step."""
    run = trained.runs.log("elsewhere", {}, {"validation": {"auc": 0.8}})
    with pytest.raises(InvalidError, match="has no answers"):
        trained.comparisons.thresholds(run.run_id)
