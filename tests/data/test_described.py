"""Described: what columns are called is said once, travels on, and is no part of what a version is."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlops import sample
from mlops.base.errors import DataError
from mlops.data import described

PEOPLE = "id,age,fee,left\n1,30,9.5,no\n2,40,7.5,yes\n3,50,8.5,no\n"
FEE = {"label": "Monthly fee", "unit": "EUR", "meaning": "after discounts"}
AGE = {"label": "Age", "unit": "years", "meaning": None}


@pytest.fixture
def add(ws, tmp_path):
    """Keep people, or a part of them, as the next version."""

    def keep(text=PEOPLE, **how):
        path = tmp_path / "people.csv"
        path.write_text(text, encoding="utf-8")
        return ws.datasets.add(path, "people", **how)

    return keep


@pytest.fixture
def columns(tmp_path):
    """Write a file of columns and return its path."""

    def write(text, name="columns.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_file_describes_columns_and_the_version_keeps_it(ws, add, columns):
    """What the file leaves open is null; a column that it does not name is not described."""
    version = add(columns=columns("fee: {label: Monthly fee, unit: EUR, meaning: after discounts}\nage: {label: Age}"))
    assert version.described == {"age": {"label": "Age", "unit": None, "meaning": None}, "fee": FEE}
    metadata = json.loads((ws.path / version.path.replace(".parquet", ".json")).read_text())
    assert metadata["described"] == version.as_dict()["described"] == ws.datasets.get("people@1").as_dict()["described"]


def test_the_next_version_is_described_as_the_newest_one_that_describes_a_column(add):
    """A file without the column does not make anybody forget what it means; like roles."""
    add(columns={"fee": FEE, "age": {"label": "Years"}})
    without = add("id,age,left\n1,30,no\n2,40,yes\n3,51,no\n", columns={"age": AGE})
    assert without.described == {"age": AGE}
    assert add(PEOPLE + "4,60,9.0,yes\n").described == {"age": AGE, "fee": FEE}


def test_other_words_about_the_same_content_make_no_version(ws, add):
    """They are said about the version that is there, and the history has the old ones; the same words write nothing."""
    add(columns={"fee": {"label": "Fee"}}, target="left")
    again = add(columns={"fee": FEE})
    assert (again.ref, again.created, again.described) == ("people@1", False, {"fee": FEE})
    assert ws.datasets.list()[0].described == {"fee": FEE} and len(ws.datasets.list()) == 1
    assert [event["kind"] for event in ws.log()] == ["dataset.add", "dataset.describe"]
    assert add(columns={"fee": FEE}, target="left").described == {"fee": FEE} and add().created is False
    assert ws.head() == 2 and ws.verify()["ok"]


def test_a_description_can_be_taken_away(add):
    """A column that is named with nothing to say about it has no description."""
    add(columns={"fee": FEE, "age": AGE})
    assert add(columns={"fee": None}).described == {"age": AGE}


def test_made_newest_again_a_version_is_described_as_the_newest(ws, add):
    """Its content and roles are what comes back, not words that were mended since."""
    add(columns={"fee": {"label": "Price"}})
    add(PEOPLE + "4,60,9.0,yes\n", columns={"fee": FEE})
    assert ws.datasets.make_newest("people@1").described == {"fee": FEE}


def test_a_workspace_of_an_earlier_program_has_descriptions_of_nothing(ws, add):
    """Their records have no such field."""
    version = add()
    record = {key: value for key, value in version.as_dict().items() if key != "described"}
    assert type(version).of(record) == version and version.described == {}


def test_descriptions_change_neither_hash_nor_model(ws, add):
    """Identity is content; what a column is called is for people."""
    described_, plain = add(columns={"fee": FEE}), ws.datasets.add(ws.path.parent / "people.csv", "humans")
    assert described_.sha256 == plain.sha256 and described_.roles == plain.roles


@pytest.mark.parametrize(
    ("text", "line", "field", "message", "suggestion"),
    [
        ("age: {label: Age}\nfees: {label: Fee}\n", 2, "fees", "no column of this data: id, age, fee, left", "fee"),
        ("fee:\n  label: Fee\n  units: EUR\n", 3, "fee.units", "that is label, unit, meaning", "unit"),
        ("fee:\n  label: 7\n", 2, "fee.label", "must be text", "'7'"),
        ("fee: Monthly fee\n", 1, "fee", "a label, a unit, a meaning", "{label: Monthly fee}"),
        ("fee:\n  label: ''\n", 2, "fee.label", "1 to 60 characters", None),
        ("fee:\n  unit: " + "x" * 31 + "\n", 2, "fee.unit", "1 to 30 characters", None),
        ("fee: {label: no}\n", 1, "fee.label", "YAML reads no as yes or no", "'no'"),
        ("fee: {label: A}\nfee: {label: B}\n", 2, "fee", "a second time", None),
        ("2024: {label: A}\n", 1, "2024", "is not text", "'2024'"),
        ("fee: &a {label: A}\n", 1, None, "Anchors and aliases", None),
        ("- fee\n", 1, None, "name columns", None),
        ("fee: {label: [a\n", 2, None, "cannot be read as YAML", None),
        (b"fee: {label: \xff}", 1, None, "not UTF-8", None),
    ],
)
def test_what_is_wrong_is_named_with_line_column_and_suggestion(
    ws, add, columns, text, line, field, message, suggestion
):
    """Nothing is kept, and what to mend is said."""
    with pytest.raises(DataError, match=r"^columns.yaml, line \d+: ") as refused:
        add(columns=columns(text))
    [problem] = refused.value.details
    assert (problem["line"], problem["field"], problem["suggestion"]) == (line, field, suggestion)
    assert message in problem["message"] and ws.head() == 0


def test_every_problem_is_told_at_once(add):
    """Who mends one finds the next in the same answer."""
    with pytest.raises(DataError, match=r"\(and 2 more\)") as refused:
        add(columns={"fees": {}, "age": {"lable": "Age", "unit": 3}})
    assert [problem["field"] for problem in refused.value.details] == ["fees", "age.lable", "age.unit"]


def test_a_file_that_is_not_there_is_said(add, tmp_path):
    """With the word for what was looked for."""
    with pytest.raises(DataError, match=r"file of columns .*nowhere.yaml' cannot be read"):
        add(columns=tmp_path / "nowhere.yaml")


def test_the_sample_is_described_column_by_column(ws):
    """It comes with its file of columns, however it is added."""
    version = sample.add(ws)
    assert [*version.described] == [*version.column_types]
    assert version.described["monthly_fee"]["unit"] == "EUR"


WORDS = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=30)
SAID = st.fixed_dictionaries({}, optional=dict.fromkeys(described.LIMITS, WORDS))


@given(said=st.dictionaries(st.sampled_from(["id", "age", "fee", "left"]), SAID))
def test_what_is_said_in_yaml_is_what_is_kept(said, tmp_path_factory):
    """A round trip through the file loses no word, whatever the language."""
    path = tmp_path_factory.mktemp("columns") / "columns.yaml"
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    kept = described.of_next(described.told(path, ["id", "age", "fee", "left"]), [], ["id", "age", "fee", "left"])
    assert kept == {
        column: {field: about.get(field) for field in described.LIMITS}
        for column in ("id", "age", "fee", "left")
        if (about := said.get(column))
    }


@given(st.lists(st.dictionaries(st.sampled_from("abc"), SAID), min_size=1, max_size=4))
def test_each_column_is_as_the_newest_version_that_describes_it(versions):
    """A naive fold from the oldest to the newest says the same."""
    naive = {}
    for said in reversed(versions):
        naive |= said
    assert described.of_next(versions[0], versions[1:], "abc") == {c: naive[c] for c in "abc" if naive.get(c)}
