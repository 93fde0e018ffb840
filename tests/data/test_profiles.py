"""Profiles: small, complete, and true to the values."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.data.profiles import BINS, EXAMPLES, LEVELS, LONGEST, profile, side_by_side
from mlops.data.roles import Roles
from mlops.data.tables import ARROW
from tests.shell import Shell, mlops

VALUES = {
    "integer": st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.1, 0.2, 0.3]),
    "boolean": st.booleans(),
    "text": st.text(max_size=3),
    "date": st.dates(),
    "datetime": st.datetimes(),
}


def of(kind: str, values: list) -> dict:
    """Return the profile of one column, as JSON types."""
    [column] = profile(pa.table({"x": pa.array(values, ARROW[kind])})).as_dict()["columns"]
    return column


@given(st.data(), st.sampled_from(list(VALUES)))
def test_any_column_has_a_bounded_profile_that_counts_every_value(data, kind):
    """Missing and drawn values add up to the rows; edges rise; the document is JSON without NaN."""
    values = data.draw(st.lists(st.none() | VALUES[kind], max_size=40))
    column, known = of(kind, values), [value for value in values if value is not None]
    drawn = column["distribution"] or {"kind": "none"}

    assert (column["missing"], column["distinct"]) == (len(values) - len(known), len(set(known)))
    assert len(json.dumps(column, allow_nan=False)) < 5000 and len(column["examples"]) <= EXAMPLES
    if drawn["kind"] == "levels":
        assert sum(level["count"] for level in drawn["levels"]) + drawn["other"] == len(known)
    elif drawn["kind"] == "histogram":
        assert sum(drawn["counts"]) == len(known) and len(drawn["edges"]) - 1 == len(drawn["counts"]) <= BINS
        assert all(low < high for low, high in zip(drawn["edges"], drawn["edges"][1:], strict=False))
        assert drawn["edges"][0] <= drawn["min"] <= drawn["median"] <= drawn["max"] <= drawn["edges"][-1]
    else:
        assert known == []


@given(st.lists(st.floats(-1000, 1000).map(lambda number: round(number, 2)), min_size=1, max_size=60))
def test_a_bar_counts_what_lies_between_its_edges(values):
    """Without the right edge, but for the last bar: as `numpy.histogram` does."""
    drawn = of("number", values)["distribution"]

    assert drawn["counts"] == np.histogram(values, drawn["edges"])[0].tolist()


@given(st.lists(st.text("abc", max_size=2), max_size=60))
def test_levels_are_the_most_frequent_values(values):
    """Each with its count; the rest is counted together."""
    drawn = of("text", values)["distribution"] or {"levels": [], "other": 0}

    assert [level["count"] for level in drawn["levels"]] == [count for _, count in Counter(values).most_common(LEVELS)]
    assert all(values.count(level["value"]) == level["count"] for level in drawn["levels"])


def test_a_few_whole_numbers_get_one_bar_each():
    """Also those between them that never occur."""
    drawn = of("integer", [1, 1, 3, 5])["distribution"]

    assert (drawn["edges"], drawn["counts"]) == ([0.5, 1.5, 2.5, 3.5, 4.5, 5.5], [2, 0, 1, 0, 1])


@pytest.mark.parametrize(
    ("kind", "values", "edges"),
    [
        ("integer", list(range(18, 95)), [0, 20, 40, 60, 80, 100]),
        ("number", [0.02, 0.31, 0.55, 0.98], [0.0, 0.5, 1.0]),
        ("date", [date(2023, 1, 5), date(2023, 3, 2)], ["2023-01-02", "2023-01-09", "2023-01-16"]),
        ("date", [date(2020, 1, 5), date(2021, 3, 2)], ["2020-01-01", "2020-02-01", "2020-03-01"]),
        ("date", [date(1961, 1, 5), date(2020, 3, 2)], ["1960-01-01", "1965-01-01", "1970-01-01"]),
        ("datetime", [datetime(2020, 1, 5, 9, 5), datetime(2020, 1, 5, 23)], ["2020-01-05T09:00:00.000000", "2020-01-05T10:00:00.000000"]),
    ],
)  # fmt: skip
def test_edges_are_round(kind, values, edges):
    """Tens and halves, weeks from Monday, months, fives of years: what people read off an axis."""
    assert of(kind, values)["distribution"]["edges"][: len(edges)] == edges


def test_an_outlier_does_not_make_a_million_bars():
    """The number of bars is bounded, whatever the spread."""
    assert len(of("number", [*np.linspace(0, 1, 500), 1e15])["distribution"]["counts"]) <= BINS


def test_numbers_are_described():
    """Quartiles are values that are there; mean and standard deviation are of all rows."""
    drawn = of("integer", [1, 2, 3, 4, None])["distribution"]
    described = {name: drawn[name] for name in ("min", "q1", "median", "q3", "max", "mean", "std")}

    assert described == pytest.approx({"min": 1, "q1": 1, "median": 2, "q3": 3, "max": 4, "mean": 2.5, "std": 1.118034})


def test_dates_are_described_as_dates():
    """Their spread is in days."""
    drawn = of("date", [date(2024, 2, 28), date(2024, 3, 1)])["distribution"]

    assert (drawn["min"], drawn["mean"], drawn["max"], drawn["std"]) == ("2024-02-28", "2024-02-29", "2024-03-01", 1.0)


def test_examples_are_the_first_different_values():
    """In the order of the rows, long texts cut."""
    assert of("text", ["b", "a", "b", None, "c"])["examples"] == ["b", "a", "c"]
    assert of("date", [date(2024, 1, 31)])["examples"] == ["2024-01-31"]
    [long] = of("text", ["x" * 9999])["examples"]
    assert len(long) == LONGEST and long.endswith("x…")


def test_columns_know_their_role_and_rows_their_copies():
    """The profile tells what a column is for."""
    table = pa.table({"who": [1, 2, 2], "sold": [0, 1, 1]})

    found = profile(table, Roles(target="sold", id="who"))

    assert [(column.name, column.role) for column in found.columns] == [("who", "id"), ("sold", "target")]
    assert (found.rows, found.duplicates) == (3, 1)


def test_a_version_has_a_profile(trained):
    """From its snapshot, with its roles."""
    found = trained.datasets.profile("customers@1")

    assert found.rows == 600 and found.columns[0].role == "id"
    assert [column.name for column in found.columns] == [
        column["name"] for column in trained.datasets.get("customers").schema
    ]
    assert trained.datasets.notes("customers@1") == []


def test_the_command_answers_with_the_profile_and_the_notes(ws, tmp_path):
    """One document for programs; for people one line for each column, and the notes below."""
    (tmp_path / "sales.csv").write_text("on,plan,site,sold\n" + "2024-01-05,basic,1,0\n2024-02-01,,1,1\n" * 20)
    ws.datasets.add(tmp_path / "sales.csv", "sales", target="sold")

    document = Shell(ws.path).get("data", "profile", "sales@1")
    lines = mlops("--workspace", ws.path, "data", "profile", "sales@1").out.splitlines()

    assert document == {
        **ws.datasets.profile("sales").as_dict(),
        "notes": [note.as_dict() for note in ws.datasets.notes("sales")],
    }
    assert [line.split()[0] for line in lines[:6]] == ["40", "COLUMN", "on", "plan", "site", "sold"]
    assert lines[2].endswith("2024-01-05 to 2024-02-01  █···█") and "basic 100%" in lines[3] and "50.0%" in lines[3]
    assert [line.split(":")[0] for line in lines[6:]] == [note["severity"].capitalize() for note in document["notes"]]


@pytest.mark.parametrize("kind", ["integer", "number", "text", "boolean", "date"])
@given(data=st.data())
def test_two_columns_are_counted_whole_in_the_same_bars(kind, data):
    """Whatever the values, no known value of either side is lost."""
    values = st.lists(st.none() | (st.integers(-(10**6), 10**6) if kind == "integer" else VALUES[kind]))
    both = [data.draw(values), data.draw(values)]
    known = [len(side) - side.count(None) for side in both]
    found = side_by_side(*(pa.chunked_array([pa.array(side, ARROW[kind])]) for side in both))
    assert (found is None) == (sum(known) == 0)
    assert found is None or [sum(found["before"]), sum(found["after"])] == known


def test_columns_of_two_types_are_compared_as_what_both_are():
    """Whole numbers and fractions are numbers; a code and a word are words; an absent column holds nothing."""
    numbers = side_by_side(pa.chunked_array([[1, 2]]), pa.chunked_array([[1.5, 2.5]]))
    assert "edges" in numbers and sum(numbers["after"]) == 2
    words = side_by_side(pa.chunked_array([[1, 2]]), pa.chunked_array([pa.array(["1", "x"], pa.large_string())]))
    assert dict(zip(words["levels"], words["after"], strict=True)) == {"1": 1, "2": 0, "x": 1}
    assert side_by_side(None, pa.chunked_array([[True]]))["before"] == [0]
