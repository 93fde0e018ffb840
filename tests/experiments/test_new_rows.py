"""Evidence: a row that a model has learned from is not new to it, whatever it is called today."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from mlops import Workspace
from mlops.base.errors import ConflictError, InvalidError
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.release.test_gate import candidate, check

PLAIN = "model: {type: logistic_regression}\nfeatures: {exclude: [customer_id]}\ntraining: {test_size: 0.5}\n"


def add(ws: Workspace, folder, frame: pd.DataFrame, **options) -> None:
    frame.to_csv(folder / "table.csv", index=False)
    ws.datasets.add(folder / "table.csv", "customers", **options)


def release(ws: Workspace, config: str, **options) -> str:
    """Make a model live, without asking for evidence; return its run."""
    model = candidate(ws, config, **options)
    ws.deploy(model, "production", "first", override="nothing to compare with")
    return model.run_id


def parts(ws: Workspace, run_id: str) -> dict[str, set[int]]:
    """Return the places of the rows that a run has seen, by part."""
    found = ws.runs.predictions(run_id)
    return {part: set(found.loc[found["part"] == part, "row"]) for part in ("train", "validation", "test")}


def learned(ws: Workspace, run_id: str) -> set[int]:
    return parts(ws, run_id)["train"] | parts(ws, run_id)["validation"]


@pytest.fixture
def nameless(customers) -> pd.DataFrame:
    """600 customers without an id, no two alike."""
    return customers.drop(columns="customer_id").drop_duplicates()


# Copies


@pytest.mark.parametrize("id", [None, "number"], ids=["without ids", "with ids"])
def test_copies_of_learned_rows_are_not_new(ws, nameless, tmp_path, id):
    """Of a tripled table, only rows whose three copies all fell into the test are new; the others are counted."""
    tripled = pd.concat([nameless] * 3, ignore_index=True)
    tripled = tripled.assign(number=range(len(tripled))) if id else tripled
    add(ws, tmp_path, tripled, target="churn", id=id)
    model = candidate(ws, LOGISTIC)
    report = ws.gate(model.ref)
    known = {place % len(nameless) for place in learned(ws, model.run_id)}
    tested = parts(ws, model.run_id)["test"]
    new = [place for place in tested if place % len(nameless) not in known]
    assert report.rows == len(new) < 200 < len(tested) and report.outcome == "inconclusive"
    assert f"{len(tested) - len(new):,} of the others are copies" in check(report, "rows")["why"]
    assert "--data" in check(report, "rows")["why"]


# Rows of another content


def test_by_id_also_where_a_column_was_added(ws, customers, tmp_path):
    """Whoever was learned from is known by the id, and new customers are new."""
    add(ws, tmp_path, customers, target="churn", id="customer_id")
    live = release(ws, STUMP)
    more = pd.concat([customers, customers_frame(1200, seed=8).iloc[600:]], ignore_index=True)
    add(ws, tmp_path, more.assign(visits=np.arange(1200) % 7))
    model = candidate(ws, LOGISTIC)
    new = parts(ws, model.run_id)["test"] - learned(ws, live)  # the first 600 rows are the same ones
    assert ws.gate(model.ref).rows == len(new) > 200


def test_without_ids_by_content_where_all_that_was_learned_is_there_again(ws, nameless, tmp_path):
    """Rows were added below, none changed: the same columns name the same rows, for the gate and for a re-evaluation."""
    add(ws, tmp_path, nameless, target="churn")
    live = release(ws, STUMP)
    later = customers_frame(1200, seed=8).drop(columns="customer_id")
    add(ws, tmp_path, pd.concat([nameless, later], ignore_index=True))
    model = candidate(ws, LOGISTIC)
    mine, theirs = parts(ws, model.run_id), parts(ws, live)
    assert ws.gate(model.ref).rows == len(mine["test"] - learned(ws, live)) > 200
    closed = mine["train"] | mine["test"] | theirs["train"] | theirs["test"]
    assert ws.comparisons.reevaluate([live, model.run_id]).rows == len(nameless) + len(later) - len(closed)


def _an_id_named_later(ws, nameless, tmp_path):
    named = pd.concat([nameless, nameless.assign(age=nameless["age"] + 100)], ignore_index=True)
    add(ws, tmp_path, named.assign(number=range(len(named))), id="number")


def _a_column_added(ws, nameless, tmp_path):
    add(ws, tmp_path, nameless.assign(visits=range(len(nameless))))


def _a_column_corrected(ws, nameless, tmp_path):
    add(ws, tmp_path, nameless.assign(monthly_fee=nameless["monthly_fee"] * 1.19))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_an_id_named_later, r"customers@2 names its rows by number \(integer\), customers@1 by no id"),
        (_a_column_added, "its columns differ: visits"),
        (_a_column_corrected, "differ from a known one in a single column"),
    ],
)
def test_where_names_of_rows_cannot_be_compared_nobody_says_they_are_new(ws, nameless, tmp_path, change, why):
    """The gate is inconclusive with that reason, and a re-evaluation refuses the same pair."""
    add(ws, tmp_path, nameless, target="churn")
    live = release(ws, STUMP)
    change(ws, nameless, tmp_path)
    model = candidate(ws, LOGISTIC, seed=7)
    report = ws.gate(model.ref)
    assert (report.outcome, report.rows, report.against is None) == ("inconclusive", None, False)
    assert re.search(why, check(report, "rows")["why"])
    with pytest.raises(ConflictError, match=why):
        ws.comparisons.reevaluate([live, model.run_id], data="customers@2")


def test_an_id_that_is_named_later_renames_every_row_also_in_the_same_content(ws, customers, tmp_path):
    """Nobody says that rows are new which the live model has learned from under no name."""
    add(ws, tmp_path, customers, target="churn")
    live = release(ws, PLAIN)
    add(ws, tmp_path, customers, id="customer_id")
    model = candidate(ws, LOGISTIC, seed=7)
    report, why = ws.gate(model.ref), r"names its rows by customer_id \(text\), customers@1 by no id"
    assert (report.outcome, report.rows) == ("inconclusive", None)
    assert re.search(why, check(report, "rows")["why"])
    with pytest.raises(ConflictError, match=why):
        ws.comparisons.reevaluate([live, model.run_id], data="customers@2")


# The rows of another version


def test_where_too_few_rows_are_new_others_can_be_named(released, tmp_path):
    """Another split, so few test rows are new; a new month is new to both, and the release passes on it."""
    model = candidate(released, LOGISTIC, seed=7)
    assert check(released.gate(model.ref), "rows")["outcome"] == "inconclusive"
    month = customers_frame(1500, seed=9).assign(customer_id=lambda table: "n" + table["customer_id"])
    month.loc[:99, "churn"] = None  # not known yet
    add(released, tmp_path, month)
    deployment = released.deploy(model, "production", "as good", data="customers@2")
    assert (deployment.gate["outcome"], deployment.gate["rows"]) == ("pass", 1400)
    assert deployment.gate["data"] == "customers@2"


def test_of_a_month_without_outcomes_no_row_is_evidence(released, tmp_path):
    """Its file has no target, and nothing of it is known yet: no row is compared, and that is the answer."""
    model = candidate(released, LOGISTIC, seed=7)
    month = customers_frame(300, seed=9).assign(customer_id=lambda table: "n" + table["customer_id"])
    add(released, tmp_path, month.drop(columns="churn"))
    report = released.gate(model, data="customers@2")
    assert (report.outcome, report.rows, check(report, "rows")["observed"]) == ("inconclusive", 0, 0)


def test_of_named_rows_those_that_were_learned_from_stay_out(released):
    """Also of the version that both learned from: what is left is what neither did, of any part."""
    model = candidate(released, STUMP, seed=7)
    live = released.models.get("@production")
    known = learned(released, model.run_id) | learned(released, live.run_id)
    assert released.gate(model.ref, data="customers@1").rows == 600 - len(known)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "online"}, "the target of other@1 is online"),
        ({"drop": "age"}, "other@1 has another schema .*: age should be a column, but is missing"),
    ],
)
def test_rows_on_which_the_candidate_cannot_be_judged_are_refused(released, customers, tmp_path, change, said):
    """That is a mistake of whoever named them; nothing is recorded."""
    frame = customers.drop(columns=change.get("drop", []))
    frame.to_csv(tmp_path / "other.csv", index=False)
    released.datasets.add(tmp_path / "other.csv", "other", target=change.get("target", "churn"), id="customer_id")
    model = candidate(released, LOGISTIC, data="customers@1")
    head = released.head()
    with pytest.raises(InvalidError, match=said):
        released.gate(model.ref, data="other@1")
    assert released.head() == head
