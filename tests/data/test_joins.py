"""Joins: rows of several versions with the outcomes known today, each row once, and where they came from."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import DataError, InvalidError, NotFoundError


@pytest.fixture
def months(ws: Workspace, tmp_path) -> Workspace:
    """people@1 with outcomes, people@2 whose outcomes are known in March 2024, people@3 in April; it is 15 March."""
    ws.set_clock("2024-03-15")
    (tmp_path / "p.csv").write_text("id,age,left\na,30,0\nb,40,1\n")
    ws.datasets.add(tmp_path / "p.csv", "people", target="left", id="id")
    for name, day in (("c", "2024-03-01"), ("d", "2024-04-01")):
        (tmp_path / "p.csv").write_text(f"id,age\n{name}1,50\n{name}2,60\n")
        ws.datasets.add(tmp_path / "p.csv", "people")
        (tmp_path / "o.csv").write_text(f"id,left,known_at\n{name}1,1,{day}\n{name}2,0,{day}\n")
        ws.outcomes.add(tmp_path / "o.csv", "people")
    return ws


def rows(ws: Workspace, ref: str) -> dict[str, int]:
    """Return ``{id: left}`` of a version."""
    frame = ws.datasets.frame(ref)
    return dict(zip(frame["id"], frame["left"], strict=True))


def test_a_join_holds_the_rows_whose_outcome_is_known_today_and_no_other(months):
    """What is known in April is not known in March, and it is said how many rows wait."""
    joined = months.datasets.join(["people@3", "people@2", "people@1"], "people", message="until March")
    assert rows(months, joined.ref) == {"a": 0, "b": 1, "c1": 1, "c2": 0}
    assert [note["message"] for note in joined.warnings if note["code"] == "unlabelled_rows"] == [
        "2 of 2 rows of people@3 have no known left and were left out."
    ]
    months.set_clock("2024-04-01")
    later = months.datasets.join(["people@1", "people@2", "people@3"], "people")
    assert rows(months, later.ref) == {"a": 0, "b": 1, "c1": 1, "c2": 0, "d1": 1, "d2": 0}


def test_a_join_names_its_parents_its_outcomes_and_the_roles_of_the_newest(months):
    """So it is known what it was made of, and until when it knew."""
    joined = months.datasets.join(["people@2", "people@1"], "people")
    assert (joined.ref, joined.parents, joined.parent) == ("people@4", ("people@1", "people@2"), 3)
    assert joined.outcomes["known_until"] == "2024-03-15T00:00:00.000000Z" and len(joined.outcomes["sets"]) == 1
    assert joined.roles == months.datasets.get("people@2").roles and not joined.target_absent
    assert months.datasets.get("people@1").parents is None


def test_lineage_leads_from_a_join_to_its_parents_and_back(months):
    """Up to the versions and the outcomes, down to all that learned from it."""
    joined = months.datasets.join(["people@1", "people@2"], "window")
    up = {node.id for node in months.lineage(joined.ref, down=False).nodes}
    [outcomes] = [f"outcomes:{one['labels_id']}" for one in joined.outcomes["sets"]]
    assert up == {"data:window@1", "data:people@1", "data:people@2", outcomes}
    assert "data:window@1" in {node.id for node in months.lineage("people@1", up=False).nodes}
    assert "data:window@1" in {node.id for node in months.lineage(outcomes.partition(":")[2], up=False).nodes}


def test_a_row_that_stands_in_two_versions_is_there_once_as_the_newest_has_it(months, tmp_path):
    """A corrected row is the row."""
    (tmp_path / "p.csv").write_text("id,age,left\na,31,0\nb,40,1\n")
    months.datasets.add(tmp_path / "p.csv", "people")
    joined = months.datasets.join(["people@1", "people@2", "people@4"], "people")
    frame = months.datasets.frame(joined.ref).set_index("id")
    assert frame["age"].to_dict() == {"c1": 50, "c2": 60, "a": 31, "b": 40}
    assert "2 rows stand in more than one of these versions; the newest one counts." in {
        note["message"] for note in joined.warnings
    }


def test_the_same_rows_joined_again_are_the_version_that_is_there(months):
    """Identity is content."""
    first = months.datasets.join(["people@1", "people@2"], "people")
    again = months.datasets.join(["people@2", "people@1", "people@2"], "people")
    assert (first.created, again.created, again.ref) == (True, False, first.ref)


def test_where_it_came_from_stays_with_other_roles_and_when_it_is_made_the_newest_again(months, tmp_path):
    """The rows are the same rows."""
    joined = months.datasets.join(["people@1", "people@2"], "people")
    file = months.datasets.checkout(joined.ref, tmp_path / "joined.csv")
    regrouped = months.datasets.add(file, "people", group="age")
    months.datasets.make_newest("people@3")
    again = months.datasets.make_newest(joined.ref)
    assert (regrouped.created, regrouped.parents, regrouped.outcomes) == (True, joined.parents, joined.outcomes)
    assert (again.parents, again.outcomes) == (joined.parents, joined.outcomes)


@pytest.mark.parametrize(
    ("refs", "error", "why"),
    [
        (["people@3"], DataError, "No left of people@3 is known on this date"),
        ([], InvalidError, "No version is named"),
        (["people@1", "people@9"], NotFoundError, "has no version '9'"),
        (["people@1", "other@1"], DataError, "do not have the same columns: age, size"),
        (["people@1", "guests@1"], DataError, "guests@1 is about left by nr, people@1 about left by id"),
        (["bare@1"], DataError, "bare@1 has no id"),
    ],
)
def test_what_does_not_belong_together_is_refused_and_nothing_is_kept(months, tmp_path, refs, error, why):
    """Which columns, which id, and what to do."""
    ws = months
    for name, text, identity in (
        ("other", "id,size,left\nx,1,0\ny,2,1\n", "id"),
        ("guests", "nr,age,left\nx,1,0\ny,2,1\n", "nr"),
        ("bare", "age,left\n1,0\n2,1\n", None),
    ):
        (tmp_path / "p.csv").write_text(text)
        ws.datasets.add(tmp_path / "p.csv", name, target="left", id=identity)
    before = ws.head()
    refs = sorted(refs, key=lambda ref: ref.startswith("people"))
    with pytest.raises(error, match=why):
        ws.datasets.join(refs, "people")
    assert ws.head() == before


MONTH = st.dictionaries(st.integers(1, 9), st.tuples(st.integers(0, 99), st.sampled_from([0, 1])), min_size=1)
"""``{id: (age, left)}``."""

MONTHS = st.lists(
    st.tuples(MONTH, st.integers(1, 9)), min_size=1, max_size=4, unique_by=lambda month: tuple(month[0].items())
)
"""Months, and the day on which the outcomes of each are known. The same rows twice would be one version."""


@settings(max_examples=8)
@given(MONTHS, st.integers(1, 9))
def test_a_join_is_what_a_naive_reader_makes_of_the_files(months, today):
    """Of each id the newest row, if its outcome is known; nobody else, and nothing that is known later than today."""
    with tempfile.TemporaryDirectory() as folder:
        ws, path = Workspace.open(Path(folder) / "ws"), Path(folder) / "file.csv"
        ws.set_clock(f"2024-01-{today:02}")
        path.write_text("id,age,left\n0,1,0\n10,2,1\n")
        refs, rows = [ws.datasets.add(path, "people", target="left", id="id").ref], dict[int, int]()
        for month, _ in months:
            path.write_text("\n".join(["id,age", *(f"{name},{age}" for name, (age, _) in month.items())]))
            refs.append(ws.datasets.add(path, "people").ref)
            rows |= {name: age for name, (age, _) in month.items()}
        for month, day in months:
            lines = [f"{name},{left},2024-01-{day:02}" for name, (_, left) in month.items()]
            path.write_text("\n".join(["id,left,known_at", *lines]))
            ws.outcomes.add(path, "people")
        known = {name for month, day in months if day <= today for name in month}

        joined = ws.datasets.frame(ws.datasets.join(refs, "window").ref)

        assert {row.id: row.age for row in joined.itertuples()} == {0: 1, 10: 2} | {name: rows[name] for name in known}
        assert {row.id: row.left for row in joined.itertuples()} == {0: 0, 10: 1} | ws.outcomes.known("people")
        assert len(joined) == len(known) + 2
