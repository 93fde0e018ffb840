"""Readiness: what a version is good for on a date, and what training waits for."""

from __future__ import annotations

import pytest

from mlops import Workspace
from tests.conftest import customers_frame

NOT_YET = "Good for predicting, not for training yet: "


@pytest.fixture
def waiting(ws: Workspace, tmp_path) -> Workspace:
    """A workspace of 1 January 2024: customers@1 with its outcomes, and customers@2, 600 others without."""
    ws.set_clock("2024-01-01")
    customers_frame().to_csv(tmp_path / "old.csv", index=False)
    frame = customers_frame(seed=8).assign(customer_id=[f"n{number}" for number in range(600)])
    frame.drop(columns="churn").to_csv(tmp_path / "new.csv", index=False)
    frame[["customer_id", "churn"]].to_csv(tmp_path / "outcomes.csv", index=False)
    ws.datasets.add(tmp_path / "old.csv", "customers", target="churn", id="customer_id")
    ws.datasets.add(tmp_path / "new.csv", "customers")
    return ws


def add_outcomes(ws: Workspace, rows: int, known_at: str) -> None:
    """Keep the outcomes of the first rows of customers@2."""
    text = (ws.path.parent / "outcomes.csv").read_text().splitlines()
    (ws.path.parent / "some.csv").write_text("\n".join(text[: rows + 1]))
    ws.outcomes.add(ws.path.parent / "some.csv", "customers", known_at)


def test_a_version_that_came_with_its_outcomes_is_ready(waiting):
    """All of them are known, and they are of two kinds."""
    found = waiting.datasets.readiness("customers@1")
    assert (found.trainable, found.known, found.rows, found.classes) == (True, 600, 600, 2)
    assert found.why == "600 of 600 outcomes are known."


def test_a_month_without_outcomes_is_good_for_predicting_and_not_for_training_yet(waiting):
    """It is said what it waits for."""
    found = waiting.datasets.readiness("customers")
    assert (found.ref, found.trainable, found.known, found.classes) == ("customers@2", False, 0, None)
    assert found.why == f"{NOT_YET}none of 600 outcomes is known, 200 are needed."


def test_two_hundred_known_outcomes_make_it_ready_and_not_one_less(waiting):
    """Of a few rows not much can be told about the others."""
    add_outcomes(waiting, 199, "2024-01-01")
    assert waiting.datasets.readiness("customers@2").why == f"{NOT_YET}199 of 600 outcomes are known, 200 are needed."
    add_outcomes(waiting, 200, "2024-01-01")
    assert waiting.datasets.readiness("customers@2").trainable


def test_what_is_known_later_does_not_count_before(waiting):
    """The same version is not ready on one date, and is on the next; in the past it still is not."""
    add_outcomes(waiting, 600, "2024-02-29T23:59:59Z")
    assert not waiting.datasets.readiness("customers@2").trainable
    waiting.set_clock("2024-02-29T23:59:59Z")
    assert waiting.datasets.readiness("customers@2").trainable
    assert not waiting.at("2024-02-29T23:59:58Z").datasets.readiness("customers@2").trainable


def test_outcomes_of_one_kind_teach_nothing(waiting, tmp_path):
    """Whoever saw only those who stayed cannot tell who leaves."""
    ids = [f"n{number}" for number in range(300)]
    (tmp_path / "same.csv").write_text("\n".join(["customer_id,churn", *(f"{one},0" for one in ids)]))
    waiting.outcomes.add(tmp_path / "same.csv", "customers")
    found = waiting.datasets.readiness("customers@2")
    assert (found.trainable, found.classes) == (False, 1)
    assert found.why == f"{NOT_YET}every known outcome is 0."


def test_without_a_target_nothing_can_be_learned(ws, tmp_path):
    """Nobody said what to predict."""
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    ws.datasets.add(tmp_path / "rows.csv", "rows")
    assert ws.datasets.readiness("rows").why == f"{NOT_YET}no column is its target."
