"""The desk: drafts and choices come back as they were, whatever happened to the file meanwhile."""

from __future__ import annotations

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.desk import FILE, MOST, MOST_EACH, Desk

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
HASHABLE = st.recursive(PLAIN, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=5)
VALUES = st.recursive(
    HASHABLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


def same(one: object, other: object) -> bool:
    """Tell whether two values are equal and of the same types throughout: 1 is not True, nor a tuple a list."""
    return one == other and repr_sorted(one) == repr_sorted(other)


def repr_sorted(value: object) -> str:
    if isinstance(value, frozenset):
        return f"set({sorted(map(repr_sorted, value))})"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({[repr_sorted(one) for one in value]})"
    if isinstance(value, dict):
        return f"dict({[(key, repr_sorted(one)) for key, one in value.items()]})"
    return repr(value)


@given(written=st.lists(st.tuples(st.sampled_from("abcdef"), VALUES), max_size=8))
def test_what_was_written_last_is_read_back_as_it_was(tmp_path_factory, written):
    """Of each name the last value, of the same type, also through another desk on the same folder."""
    folder = tmp_path_factory.mktemp("desk")
    for name, value in written:
        Desk(folder).put({name: value})

    found = Desk(folder).read()
    assert found.keys() == dict(written).keys()
    assert all(same(found[name], value) for name, value in dict(written).items())


@pytest.mark.parametrize("value", [object(), math.nan, {1: "a"}, {"a": {2, 3}}, b"bytes", "x" * (MOST_EACH + 1)])
def test_what_cannot_be_written_down_is_forgotten_and_harms_nothing(tmp_path, value):
    """Also the value that stood there before: it is no longer true."""
    desk = Desk(tmp_path)
    desk.put({"draft": "seed: 1", "odd": "before"})
    desk.put({"odd": value})

    assert desk.read() == {"draft": "seed: 1"}


def test_a_desk_keeps_to_its_size(tmp_path):
    """What was written longest ago goes first."""
    desk = Desk(tmp_path)
    for number in range(8):
        desk.put({f"draft {number}": "x" * (MOST_EACH - 10)})

    assert (tmp_path / FILE).stat().st_size <= MOST + 100
    assert [*desk.read()] == ["draft 4", "draft 5", "draft 6", "draft 7"]


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2]", "null", '{"a": {"b": 1, "c": 2}}', '{"a": {"rm": []}}', "[" * 9999]
)
def test_a_file_that_was_damaged_is_an_empty_desk(tmp_path, text):
    """And is whole again with the next value."""
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    desk = Desk(tmp_path)

    assert desk.read() == {}
    desk.put({"draft": "seed: 1"})
    assert desk.read() == {"draft": "seed: 1"}


def test_a_folder_that_is_gone_takes_no_value_and_breaks_no_click(tmp_path):
    """The workspace was put aside a moment ago."""
    desk = Desk(tmp_path / "gone")
    desk.put({"draft": "seed: 1"})

    assert desk.read() == {} and not (tmp_path / "gone").exists()


def test_many_tabs_at_once_lose_no_value_and_leave_nothing_behind(tmp_path):
    """Each writes its own values, while all of them read."""

    def tab(number: int) -> None:
        for turn in range(20):
            Desk(tmp_path).put({f"tab {number}": turn})
            assert Desk(tmp_path).read()[f"tab {number}"] == turn

    tabs = [threading.Thread(target=tab, args=(number,)) for number in range(6)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()

    assert Desk(tmp_path).read() == {f"tab {number}": 19 for number in range(6)}
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_desk_is_nothing_that_verify_asks_about(trained):
    """It is no record, and no stranger among them; a copy of the workspace begins with an empty one."""
    Desk(trained.path).put({"draft": "seed: 1"})

    assert trained.verify()["ok"]
    assert Desk(trained.fork(trained.path.with_name("copy")).path).read() == {}
