"""Repairs: a fault of the data is put right in a version of its own, and what only looks like a repair is told apart."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mlops import Workspace
from playground import repairs


@pytest.fixture
def faulty(ws, customers, tmp_path):
    """Customers as they were learned from, and the next ones, whose fees in the north are in cents."""
    customers = customers.assign(monthly_fee=customers["monthly_fee"].abs() + 1)
    keep(ws, tmp_path, customers)
    later = customers.drop(columns="churn").assign(customer_id=customers["customer_id"].str.replace("c", "d"))
    keep(ws, tmp_path, later.assign(monthly_fee=later["monthly_fee"].mask(north(later), later["monthly_fee"] * 100)))
    return ws, later


def keep(ws: Workspace, folder: Path, frame: pd.DataFrame) -> str:
    """Keep a table as the next version."""
    frame.to_csv(folder / "rows.csv", index=False)
    given = {} if ws.datasets.list() else {"target": "churn", "id": "customer_id"}
    return ws.datasets.add(folder / "rows.csv", "customers", **given).ref


def north(frame: pd.DataFrame) -> pd.Series:
    """Return which customers live in the north."""
    return frame["region"] == "north"


def test_a_repair_brings_back_what_was_there_and_touches_nothing_else(faulty):
    """The version with the fault stays as it came, and the difference of the two is the faulty column alone."""
    ws, right = faulty
    faults = ws.drift("customers@1", "customers@2").schema_errors
    assert all(repairs.can(fault, len(right)) for fault in faults)
    kept = repairs.keep(ws, "customers@2", faults)
    assert ws.datasets.frame(kept)["monthly_fee"].round(2).tolist() == pytest.approx(
        right["monthly_fee"].tolist(), nan_ok=True
    )
    assert [*ws.datasets.diff("customers@2", kept.ref).cells_changed] == ["monthly_fee"]
    assert kept.message == "customers@2, repaired: Divide monthly_fee by 100 where region is north"
    assert repairs.of(ws, "customers@2", "customers@1").version == kept


def test_whoever_repairs_by_hand_has_repaired_it_as_well(faulty, tmp_path):
    """What counts is what is kept, not which button was pressed."""
    ws, right = faulty
    ref = keep(ws, tmp_path, right)
    assert repairs.of(ws, "customers@2", "customers@1").version.ref == ref


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda right: right[~north(right)], "of its rows are not in it"),
        (lambda right: right.assign(age=right["age"] + 1), "age changed as well"),
        (lambda right: right.assign(monthly_fee=right["monthly_fee"] * 100), "the fault is still in it"),
        (lambda right: right.assign(customer_id=right["customer_id"].str.replace("d", "e")), ""),
    ],
    ids=["left out", "more changed", "made worse", "others"],
)
def test_what_only_looks_like_a_repair_is_told_apart(faulty, tmp_path, change, wrong):
    """With the reason; other customers are no attempt at all."""
    ws, right = faulty
    keep(ws, tmp_path, change(right))
    tried = repairs.of(ws, "customers@2", "customers@1")
    assert tried.version is None and wrong in tried.wrong and bool(wrong) == bool(tried.wrong)


def test_a_fault_that_does_not_say_which_rows_is_not_repaired_at_a_click():
    """Nobody divides what may be right."""
    fault = {"code": "unit_factor", "factor": 60, "rows": 8, "where": None}
    assert not repairs.can(fault, 200) and repairs.can(fault, 8)
    assert not repairs.can({**fault, "code": "out_of_range", "factor": None}, 8)


def test_rows_with_a_fault_are_found_under_whatever_name_they_are_kept(faulty, tmp_path):
    """Fewer of them, among others, called otherwise: the fault stands in the rows; put right by hand it is gone."""
    ws, right = faulty
    wrong = ws.datasets.frame("customers@2")
    some = wrong[north(wrong) & wrong["monthly_fee"].notna()].head(3)
    others = right.assign(customer_id=right["customer_id"].str.replace("d", "e"))
    pd.concat([others, some]).to_csv(tmp_path / "mine.csv", index=False)
    mine = ws.datasets.add(tmp_path / "mine.csv", "mine", id="customer_id").ref
    by_hand = keep(ws, tmp_path, right.assign(monthly_fee=right["monthly_fee"].round(1)))
    held = [repairs.unrepaired(ws, "customers@2", "customers@1", ref) for ref in (mine, by_hand, "customers@1")]
    assert held == [3, 0, 0]


def test_rows_that_have_no_name_any_more_hold_a_fault_where_it_is_seen_in_them(faulty, tmp_path):
    """Whose they are, nobody can tell; that they came in cents is seen all the same."""
    ws, right = faulty
    for name, frame in (("wrong", ws.datasets.frame("customers@2")), ("right", right)):
        frame.drop(columns="customer_id").to_csv(tmp_path / f"{name}.csv", index=False)
        ws.datasets.add(tmp_path / f"{name}.csv", name)
    assert repairs.unrepaired(ws, "customers@2", "customers@1", "wrong@1") == len(right)
    assert repairs.unrepaired(ws, "customers@2", "customers@1", "right@1") == 0
