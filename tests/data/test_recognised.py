"""Recognised: a file is what its content is, whatever it is called."""

from __future__ import annotations

import gzip

import pytest

from mlops import sample
from mlops.base.errors import DataError

PEOPLE = "id,age,left\n1,30,no\n2,40,yes\n3,50,no\n"


@pytest.fixture
def file(tmp_path):
    """Write a file and return its path."""

    def write(text, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write


@pytest.fixture
def people(ws, file):
    """A workspace with people@1, people@2 in which an age was corrected, and another dataset."""
    ws.datasets.add(file(PEOPLE), "people", target="left", id="id")
    ws.datasets.add(file(PEOPLE.replace("40", "41")), "people")
    ws.datasets.add(file("a,b\n1,2\n3,4\n"), "numbers")
    return ws


@pytest.mark.parametrize("name", ["backup of old.csv", "people.csv.gz"])
def test_a_version_is_recognised_under_any_name_and_format(people, file, name):
    """Also when columns stand in quotes and lines end otherwise: the hash is of the content."""
    before = people.head(), sorted(people.path.rglob("*"))
    found = people.datasets.recognise(file(PEOPLE.replace("\n", "\r\n").replace("age", '"age"', 1), name))
    assert (found.same, found.closest, found.sha256) == (("people@1",), None, people.datasets.get("people@1").sha256)
    assert (people.head(), sorted(people.path.rglob("*"))) == before  # nothing of it is kept


def test_what_was_made_the_newest_again_is_both(people, file):
    """The hash is the identity; the numbers are nicknames, the newest first."""
    people.datasets.make_newest("people@1")
    assert people.datasets.recognise(file(PEOPLE)).same == ("people@3", "people@1")


def test_what_is_none_of_them_is_told_from_the_closest(people, file):
    """One more corrected cell, on top of those of version 2."""
    found = people.datasets.recognise(file(PEOPLE.replace("40", "41").replace("50", "51")))
    assert (found.same, found.closest) == ((), "people@2")
    assert found.difference.told() == "1 cell of age changed, nothing else"
    assert found.as_dict()["difference"]["changes"] == [{"id": 3, "column": "age", "before": 50, "after": 51}]


def test_a_parquet_file_is_the_csv_it_was_made_from(people, tmp_path):
    """Out in one format and recognised in the other."""
    path = people.datasets.checkout("people@2", tmp_path / "out.parquet")
    assert people.datasets.recognise(path).same == ("people@2",)


@pytest.mark.parametrize("text", ["x,y\nu,v\n", "id,age,left\n7,30,no\n8,40,yes\n"])
def test_a_stranger_is_no_version_and_close_to_none(people, file, text):
    """Other columns, or not one row in common."""
    found = people.datasets.recognise(file(text))
    assert (found.same, found.closest, found.difference) == ((), None, None)


def test_what_cannot_be_read_is_refused(people, file):
    """With the reason, as everywhere."""
    with pytest.raises(DataError):
        people.datasets.recognise(file("\x00\x01binary", "photo.png"))


def test_where_nothing_is_kept_nothing_is_recognised(ws, file):
    """And nothing is the closest."""
    found = ws.datasets.recognise(file(PEOPLE))
    assert (found.same, found.closest, found.sha256) == ((), None, None)


def test_jos_file_is_312_fees_away_from_the_sample(ws):
    """And after it is kept, it is that version."""
    sample.add(ws)
    jos = sample.FILE.with_name("customers_2023_corrected.csv")
    found = ws.datasets.recognise(jos)
    assert (found.closest, found.difference.told()) == ("customers@1", "312 cells of monthly_fee changed, nothing else")
    ws.datasets.add(jos, sample.NAME)
    assert ws.datasets.recognise(jos).same == ("customers@2",)
