"""What is drawn of changed cells: the plain record, held against the cells it was made from."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from mlops.data.changes import Cells
from playground import changed as records
from playground.changed import Cell, changed
from playground.ui.data import changed as drawn


def cells(column: str, ids: list, before: list, after: list) -> Cells:
    def kept(values: list) -> pa.ChunkedArray:
        return pa.chunked_array([pa.array(values, pa.large_string() if isinstance(values[0], str) else None)])

    return Cells(column, kept(ids), kept(before), kept(after))


@pytest.mark.parametrize(
    ("before", "after", "cell"),
    [
        (13.43, 15.98, Cell("13.43", "15.98", "+2.55 · +19 %")),
        (0.1, 0.3, Cell("0.1", "0.3", "+0.2 · +200 %")),  # as a person counts, not as floats do
        (40, 30, Cell("40", "30", "-10 · -25 %")),
        (-2, 3, Cell("-2", "3", "+5")),  # no share of a negative number
        (None, 7, Cell("", "7", "")),
        (7, None, Cell("7", "", "")),
        (True, False, Cell("true", "false", "")),
        ("monthly", "annual", Cell("monthly", "annual", "")),
        (float("inf"), 1.0, Cell("inf", "1.0", "")),
    ],
)
def test_a_cell_is_old_new_and_how_far_a_number_went(before, after, cell):
    """Exactly, and as a share where that means something."""
    assert changed([cells("fee", ["c1"], [before], [after])], {}, "id").rows[0].cells == (cell,)


def test_a_row_with_two_changes_is_one_line():
    """Columns stand in their order, the most changed one first; what did not change stays empty."""
    found = changed(
        [cells("fee", ["a", "b"], [1.0, 2.0], [2.0, 3.0]), cells("age", ["b"], [30], [31])],
        {"fee": "Monthly fee (EUR)", "id": "Customer"}, "id",
    )  # fmt: skip
    assert [(row.name, [cell is not None for cell in row.cells]) for row in found.rows] == [
        ("a", [True, False]),
        ("b", [True, True]),
    ]
    assert [one.label for one in found.columns] == ["Monthly fee (EUR)", "age"] and found.identity == "Customer"
    assert (found.total, found.shown) == (3, 3)


def test_a_large_difference_is_cut_and_says_so():
    """What is sent to the browser has a bound; the counts have none."""
    many = list(range(5000))
    found = changed([cells(f"c{n}", many[:: (-1) ** n], many, many[::-1]) for n in range(9)], {}, "id")
    assert (len(found.rows), len(found.columns), found.total) == (records.ROWS, records.COLUMNS, 45_000)
    assert found.shown == records.ROWS * records.COLUMNS / 2 and found.columns[0].cells == 5000  # others, of other rows


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([10.0, 20.0], [11.0, 22.0], "on average 15.00 → 16.50 (+10 %)"),
        ([1, None], [1, 2], "missing 1 → 0"),
        (["a", "b"], ["b", "a"], ""),
        ([-1.0, -2.0], [1.0, 2.0], "on average -1.50 → 1.50"),
        ([float("inf"), 1.0], [1.0, 1.0], ""),
    ],
)
def test_how_a_column_moved_is_told_where_words_can(before, after, told):
    """By its mean, or by what was missing; of words there is no mean."""
    assert changed([cells("x", [1, 2], before, after)], {}, "id").columns[0].told == told


def test_what_the_browser_draws_is_the_record_and_nothing_else():
    """Every text as it is; the script sets it as text, so a hostile value stays one."""
    hostile = "<img src=x onerror=alert(1)>"
    sent = drawn.drawn(changed([cells("fee", [hostile], ["a"], [hostile])], {}, "id"), "v@1", "v@2")
    assert sent["rows"] == [{"name": hostile, "cells": [{"before": "a", "after": hostile, "moved": ""}]}]
    assert sent["caption"] == "Changed cells, v@1 struck through and v@2 beside it"
    script = Path(drawn.__file__).with_suffix(".js").read_text("utf-8")
    assert not re.search(r"innerHTML|insertAdjacent|outerHTML", script) and "textContent" in script
    assert "prefers-reduced-motion" in Path(drawn.__file__).with_suffix(".css").read_text("utf-8")
