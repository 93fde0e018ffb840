"""The journal: entries of a program on top, kept in the history like every other event."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import InvalidError, PastError
from mlops.base.journal import MAX_ENTRY

WORDS = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(alphabet=st.characters(codec="utf-8"))
JSON = st.recursive(VALUES, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text("abc"), one, max_size=3))


def test_what_is_known_is_the_merge_of_all_entries(ws):
    """A field that an entry does not name stays as it was."""
    ws.journal.write("course/freeze", {"guess": "data", "hints": 1})
    assert ws.journal.write("course/freeze", {"hints": 2}) == {"guess": "data", "hints": 2}
    assert ws.journal.read("course/freeze") == {"guess": "data", "hints": 2}


def test_an_entry_is_an_event_that_verify_knows(ws):
    """It is dated, signed by who wrote it, and part of the chain of hashes."""
    ws.journal.write("course/freeze", {"guess": "data"})
    [event] = ws.log()
    assert (event["kind"], event["subject"], event["actor"]) == ("journal.write", "course/freeze", "ada")
    assert ws.verify()["ok"]


def test_subjects_are_found_by_how_they_begin(ws):
    """A program finds its own entries and nobody else's."""
    for subject in ("course", "course/freeze", "notes/one"):
        ws.journal.write(subject, {"of": subject})
    assert ws.journal.all("course") == {"course": {"of": "course"}, "course/freeze": {"of": "course/freeze"}}
    assert ws.journal.read("course/serve") is None


@pytest.mark.parametrize("subject", ["", "Course", "../evil", "course/", "a/b/c/d/e", "course\n", "1", None, "a" * 64])
def test_a_subject_that_is_no_name_is_refused_and_nothing_is_written(ws, subject):
    """Subjects stand in links and in lists of the history."""
    with pytest.raises(InvalidError, match="cannot be a subject"):
        ws.journal.write(subject, {})
    assert ws.head() == 0


@pytest.mark.parametrize(
    "fields", [{"a": float("nan")}, {"a": object()}, {1: "a"}, [("a", 1)], {"a": "\ud800"}, {"a": "x" * MAX_ENTRY}]
)
def test_what_is_no_plain_json_or_too_long_is_refused_and_nothing_is_written(ws, fields):
    """An entry is a note; what it says can be read by any program."""
    with pytest.raises(InvalidError):
        ws.journal.write("course", fields)
    assert ws.head() == 0


@given(subject=WORDS, fields=st.dictionaries(WORDS, JSON, max_size=4))
def test_what_was_written_is_what_is_read(tmp_path_factory, subject, fields):
    """Any plain JSON comes back as it went in."""
    from mlops import Workspace

    ws = Workspace.open(tmp_path_factory.mktemp("journal"))
    ws.journal.write(subject, fields)
    assert ws.journal.read(subject) == fields


def test_a_copy_takes_the_journal_along(ws, tmp_path):
    """It belongs to the workspace."""
    ws.journal.write("course", {"current": "freeze"})
    assert ws.fork(tmp_path / "copy").journal.read("course") == {"current": "freeze"}


def test_the_past_reads_the_journal_of_then_and_takes_no_entry(ws):
    """What was noted later is not known yet, and nothing can be added to what is over."""
    ws.journal.write("course", {"current": "notebook"})
    ws.journal.write("course", {"current": "freeze"})
    before = ws.at(event=1)
    assert before.journal.read("course") == {"current": "notebook"}
    with pytest.raises(PastError):
        before.journal.write("course", {"current": "serve"})
    assert ws.head() == 2
