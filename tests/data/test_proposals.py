"""Proposals: a reason for each, sure only where the content leaves little doubt."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest

from mlops.data.proposals import propose, words_of
from mlops.data.tables import ARROW

CUSTOMERS = pa.table(
    {
        "customer_id": pa.array([f"c{number}" for number in range(60)], ARROW["text"]),
        "month": pa.array([f"2023-{9 + number // 20:02}" for number in range(60)], ARROW["text"]),
        "house_id": pa.array([number // 2 for number in range(60)]),
        "fee": pa.array([10 + number / 7 for number in range(60)]),
        "churn": pa.array([int(number % 4 == 0) for number in range(60)]),
    }
)


def proposed(table: pa.Table, role: str, **more: str) -> list[tuple[object, bool]]:
    return [(one.value, one.sure) for one in propose(table, **more) if one.role == role]


def test_a_table_that_is_named_well_is_understood():
    """Target, id, time, group, task and positive class, each with a reason in one sentence."""
    assert proposed(CUSTOMERS, "target")[0] == ("churn", True)
    assert proposed(CUSTOMERS, "id") == [("customer_id", True)]
    assert proposed(CUSTOMERS, "time") == [("month", True)]
    assert proposed(CUSTOMERS, "group") == [("house_id", False)]
    assert (proposed(CUSTOMERS, "task"), proposed(CUSTOMERS, "positive")) == ([("binary", True)], [(1, True)])
    assert all(one.why and "\n" not in one.why for one in propose(CUSTOMERS))


def test_without_a_telling_name_the_last_and_the_first_column_are_offered():
    """Offered, not preselected."""
    table = CUSTOMERS.rename_columns(["a", "b", "c", "d", "e"])
    assert proposed(table, "target") == [("e", False), ("b", False)]


def test_a_name_in_the_middle_is_no_proof():
    """A column called default may be about an earlier credit: it is offered first, but not sure."""
    table = CUSTOMERS.rename_columns(["customer_id", "month", "default", "fee", "deposit"])
    assert proposed(table, "target")[0] == ("default", False)


def test_rows_that_share_their_outcome_are_offered_as_a_group():
    """By what they hold, where the name tells nothing."""
    member = pa.array([f"m{number % 90 * 7919 % 90}" for number in range(270)], ARROW["text"])
    churn = [int(number % 90 % 4 == 0) for number in range(270)]
    table = pa.table({"member": member, "visit": pa.array(range(270)), "churn": churn})
    assert proposed(table, "group") == [("member", False)]
    assert proposed(table.set_column(2, "churn", [[number // 90 % 2 for number in range(270)]]), "group") == []


def test_the_chosen_target_decides_what_is_asked_next():
    """Task and class are about the column that the person chose."""
    assert proposed(CUSTOMERS, "task", target="fee") == [("regression", True)]
    assert proposed(CUSTOMERS, "target", target="fee") == []


def test_whole_numbers_may_be_a_quantity_or_classes():
    """Both are offered, neither is sure."""
    table = pa.table({"x": range(40), "quality": [number % 5 for number in range(40)]})
    assert proposed(table, "task", target="quality") == [("regression", False), ("multiclass", False)]


def test_contradicting_hints_propose_no_positive_class():
    """Nobody guesses whether 1 is good or bad."""
    table = pa.table({"x": range(10), "risk": [1] * 7 + [0] * 3})
    assert proposed(table, "positive", target="risk") == []


def test_one_column_of_dates_is_the_time():
    """Two could mean anything."""
    day = pa.array([datetime.date(2024, 1, 1 + number) for number in range(20)])
    table = pa.table({"sent": day, "x": range(20)})
    assert proposed(table, "time") == [("sent", True)]
    assert proposed(table.append_column("paid", day), "time") == [("sent", False), ("paid", False)]


@pytest.mark.parametrize("values", [[1.5, 2.5, 3.5], [1, 1, 2], [1, None, 2]], ids=["measured", "repeated", "missing"])
def test_measurements_repeats_and_gaps_name_no_row(values):
    """An id is whole, different in every row, and always there."""
    assert proposed(pa.table({"id": values, "y": [0, 1, 0]}), "id") == []


def test_an_empty_column_proposes_nothing():
    """Also a file of one row, or without a value, is answered."""
    assert propose(pa.table({"a": pa.array([None], ARROW["text"])})) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [("customerID", ["customer", "id"]), ("home.dest", ["home", "dest"]), ("Größe (cm)", ["größe", "cm"])],
)
def test_a_name_is_taken_apart_as_people_write_it(name, words):
    """Camel case, dots, brackets; letters of every language."""
    assert words_of(name) == words
