"""Diff: every difference between two versions is named, and nothing else."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlops import sample
from mlops.data.changes import MAX_CHANGES, cells, diff
from mlops.data.tables import ARROW

COLUMNS = {
    "n": st.none() | st.integers(0, 3),
    "x": st.none() | st.sampled_from([0.0, 0.5, 1.0]),
    "t": st.none() | st.sampled_from(["", "a", "b"]),
}
KINDS = {"id": "integer", "n": "integer", "x": "number", "t": "text"}
ROW = st.fixed_dictionaries(COLUMNS)


def table(rows: list[dict[str, Any]], names: tuple[str, ...] = ("id", "n", "x", "t")) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], ARROW[KINDS[name]]) for name in names})


def with_ids(draw_ids: st.SearchStrategy[list[int]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return draw_ids.flatmap(lambda ids: st.tuples(*(ROW.map(lambda row, i=i: {"id": i, **row}) for i in ids)).map(list))


TABLES = with_ids(st.lists(st.integers(1, 6), max_size=6, unique=True))


@given(TABLES, TABLES)
def test_diff_by_id_is_what_a_loop_over_rows_finds(before, after):
    """Added, removed, changed rows and every changed cell, as the most naive program would list them."""
    old, new = ({row["id"]: row for row in rows} for rows in (before, after))
    both = [identity for identity in old if identity in new]
    counts = Counter(name for name in COLUMNS for i in both if old[i][name] != new[i][name])
    cells = [
        {"id": i, "column": name, "before": old[i][name], "after": new[i][name]}
        for name in sorted(COLUMNS, key=lambda name: -counts[name])
        for i in both
        if old[i][name] != new[i][name]
    ]
    found = diff(table(before), table(after), "id")
    assert (found.rows_added, found.rows_removed) == (len(new.keys() - old.keys()), len(old.keys() - new.keys()))
    assert found.rows_changed == len({cell["id"] for cell in cells})
    assert list(found.changes) == cells
    assert found.cells_changed == counts and [*found.cells_changed] == list(dict.fromkeys(c["column"] for c in cells))
    assert found.reordered == (both != [identity for identity in new if identity in old])


@given(TABLES.filter(bool), st.data())
def test_any_single_edit_is_named_exactly(rows, data):
    """One cell changed: its id, its column, before and after - and not one other difference."""
    row = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(list(COLUMNS)))
    value = data.draw(COLUMNS[name])
    assume(value != rows[row][name])
    edited = [dict(one) for one in rows]
    edited[row][name] = value
    found = diff(table(rows), table(edited), "id").as_dict()
    assert found["changes"] == [{"id": rows[row]["id"], "column": name, "before": rows[row][name], "after": value}]
    assert (found["rows_added"], found["rows_removed"], found["rows_changed"]) == (0, 0, 1)
    assert found["cells_changed"] == {name: 1} and not found["reordered"]


@given(st.lists(ROW, max_size=6), st.lists(ROW, max_size=6))
def test_without_an_id_rows_are_a_multiset(before, after):
    """A row can only be there or not, as often as it is; nobody can say which one was changed."""
    names = ("n", "x", "t")
    old, new = (Counter(tuple(row[name] for name in names) for row in rows) for rows in (before, after))
    found = diff(table(before, names), table(after, names), None)
    assert (found.rows_added, found.rows_removed) == ((new - old).total(), (old - new).total())
    assert found.rows_changed is None and found.changes == ()
    assert found.reordered == (old == new and before != after)


def test_repeated_ids_cannot_match_rows():
    """With a doubled or a missing id, the diff falls back to multisets and says so with None."""
    once = pa.table({"id": [1, 2], "x": [1, 2]})
    for ids in ([1, 1], [1, None]):
        found = diff(once, pa.table({"id": ids, "x": [1, 3]}), "id")
        assert found.rows_changed is None and (found.rows_added, found.rows_removed) == (1, 1)


@given(TABLES)
def test_equal_tables_have_no_differences(rows):
    """Nothing changed: every count is zero, and the distributions are the same twice."""
    found = diff(table(rows), table(rows), "id").as_dict()
    distributions = found.pop("distributions")
    assert not any(found.values())
    assert all(one["before"] == one["after"] for one in distributions.values())


def test_columns_that_came_went_or_changed_type_are_named():
    """A retyped column is compared by what its values say, not by how they are stored."""
    before = pa.table({"id": [1, 2], "gone": [1, 2], "kind": [1, 2]})
    kind = pa.array(["1", "x"], pa.large_string())
    found = diff(before, pa.table({"id": [1, 2], "kind": kind, "new": [0.5, 1.0]}), "id").as_dict()
    assert (found["columns_added"], found["columns_removed"]) == (["new"], ["gone"])
    assert found["columns_retyped"] == [{"name": "kind", "before": "integer", "after": "text"}]
    assert found["changes"] == [{"id": 2, "column": "kind", "before": 2, "after": "x"}]
    assert found["distributions"]["new"]["before"] is None


def test_all_changes_are_counted_but_only_the_first_are_listed():
    """A diff of large versions stays small enough to look at."""
    ids = list(range(MAX_CHANGES + 5))
    found = diff(pa.table({"id": ids, "x": [0] * len(ids)}), pa.table({"id": ids, "x": [1] * len(ids)}), "id")
    assert found.cells_changed == {"x": len(ids)} and len(found.changes) == MAX_CHANGES


@given(TABLES, TABLES)
def test_all_cells_are_those_that_are_listed_and_the_rest(before, after):
    """Putting every changed cell back gives the rows of before, as far as both have them."""
    old, new = ({row["id"]: dict(row) for row in rows} for rows in (before, after))
    found = cells(table(before), table(after), "id")
    assert [c for column in found for c in column.first(10)] == diff(table(before), table(after), "id").as_dict()[
        "changes"
    ]
    for column in found:
        lists = (values.to_pylist() for values in (column.ids, column.before, column.after))
        for identity, was, now in zip(*lists, strict=True):
            assert new[identity][column.column] == now
            new[identity][column.column] = was
    assert all(new[identity] == old[identity] for identity in old.keys() & new.keys())


def test_without_ids_there_are_no_cells():
    """A row that cannot be matched was added or removed, not changed."""
    once = pa.table({"id": [1, 2], "x": [1, 2]})
    assert cells(once, pa.table({"id": [1, 1], "x": [1, 3]}), "id") == cells(once, once, None) == []


FEES = pa.table({"id": [1, 2, 3], "fee": [1.0, 2.0, 3.0], "age": [30, 40, 50]})


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (FEES, "nothing changed"),
        (FEES.set_column(1, "fee", [[1.5, 2.5, 3.0]]), "2 cells of Monthly fee changed, nothing else"),
        (FEES.slice(0, 2), "1 row removed"),
        (FEES.take([2, 1, 0]), "the same rows in another order"),
        (FEES.drop_columns("age"), "age removed"),
        (FEES.append_column("fresh", [[1, 2, 3]]), "fresh added"),
        (
            pa.table({"id": [1, 2, 4], "fee": [1.0, 2.5, 4.0], "age": [31, 41, 51]}),
            "2 cells of age changed, 1 cell of Monthly fee changed, 1 row added, 1 row removed",
        ),
        (FEES.set_column(2, "age", pa.array(["30", "40", "50"], pa.large_string())), "age of another type"),
    ],
)
def test_what_changed_is_told_in_words(after, told):
    """The most changed column first, by what people call it; "nothing else" only where it is true."""
    found = diff(FEES, after if isinstance(after, pa.Table) else pa.table(after), "id")
    assert found.told({"fee": "Monthly fee"}) == told


def test_many_changed_columns_are_counted_together():
    """A sentence names three columns at most."""
    names = [f"c{number}" for number in range(6)]
    before, after = (pa.table({"id": [1, 2], **dict.fromkeys(names, values)}) for values in ([1, 2], [3, 4]))
    assert diff(before, after, "id").told().endswith("2 cells of c2 changed, 6 cells of 3 other columns changed")


def test_312_cells_of_the_sample_differ_and_nothing_else(ws):
    """Jo's evening, as anybody sees it who kept both files."""
    sample.add(ws)
    ws.datasets.add(sample.FILE.with_name("customers_2023_corrected.csv"), sample.NAME)
    found = ws.datasets.diff("customers@1", "customers@2")
    said = found.as_dict() | {"changes": (), "distributions": {}}
    assert said == said | dict.fromkeys(("rows_added", "rows_removed"), 0) | {
        "rows_changed": 312, "cells_changed": {"monthly_fee": 312}, "columns_added": [], "columns_removed": [],
        "columns_retyped": [], "reordered": False, "roles_changed": {},
    }  # fmt: skip
    assert found.told({"monthly_fee": "Monthly fee"}) == "312 cells of Monthly fee changed, nothing else"
    assert all(change["after"] == round(change["before"] * 1.19, 2) for change in found.changes)
    [fee] = ws.datasets.cells("customers@1", "customers@2")
    assert [*fee.first(312)] == found.as_dict()["changes"] and len(fee.ids) == 312


def test_distributions_summarise_numbers_and_levels():
    """Quartiles of numbers, the most frequent levels of text, missing values of both."""
    before = pa.table({"n": [1.0, 2.0, 3.0, None], "t": pa.array(["a", "b", "a", None], pa.large_string())})
    numbers, texts = (diff(before, before, None).distributions[name]["before"] for name in ("n", "t"))
    assert (numbers["min"], numbers["median"], numbers["max"], numbers["missing"]) == (1.0, 2.0, 3.0, 1)
    assert (texts["distinct"], texts["top"], texts["missing"]) == (2, {"a": 2, "b": 1}, 1)


def test_versions_are_compared_by_the_id_both_have(ws, tmp_path):
    """The facade reads both versions and matches rows by their id."""
    for value in (30, 31):
        (tmp_path / "a.csv").write_text(f"id,age\n1,{value}\n2,40\n")
        ws.datasets.add(tmp_path / "a.csv", name="people", id="id")
    found = ws.datasets.diff("people@1", "people@2")
    assert [dict(change) for change in found.changes] == [{"id": 1, "column": "age", "before": 30, "after": 31}]


@pytest.mark.parametrize(
    ("before", "after"),
    [([1, 2, 41], ["1", "2", "41"]), ([1.0, 2.0, 41.5], ["1.0", "2.0", "41.5"]), ([1, 2, 41], [1.0, 2.0, 41.0])],
    ids=["integer to text", "number to text", "integer to number"],
)
def test_rows_are_still_matched_when_the_id_has_become_another_type(before, after):
    """By the spelling: not all removed and all added, and the id itself is no changed cell."""
    after = pa.array(after, pa.large_string()) if isinstance(after[0], str) else pa.array(after)
    found = diff(pa.table({"id": before, "x": [1, 2, 3]}), pa.table({"id": after, "x": [1, 5, 3]}), "id")
    assert (found.rows_added, found.rows_removed, found.rows_changed, found.cells_changed) == (0, 0, 1, {"x": 1})
    assert [change["name"] for change in found.columns_retyped] == ["id"]


def test_ids_that_were_rounded_to_one_cannot_match_rows_of_their_own():
    """A number held three ids as one, the text holds them apart: the diff says that rows cannot be matched."""
    numbers = [12345678901234568.0, 12345678901234568.0, 3.0]
    texts = pa.array(["12345678901234567.0", "12345678901234568.0", "3.0"], pa.large_string())
    found = diff(pa.table({"id": numbers, "x": [1, 2, 3]}), pa.table({"id": texts, "x": [1, 2, 3]}), "id")
    assert found.rows_changed is None and found.rows_added == found.rows_removed == 0
    assert [change["name"] for change in found.columns_retyped] == ["id"]
