"""Ids: rows are found again, or it is said which damage keeps them from it."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import DataError
from mlops.data.ids import look_up

CODES = [f"{number:05d}" for number in range(1, 61)]
NAMES = [f"Ab-{number:03d}" for number in range(1, 61)]
LONG = [12345678901234567 + 3 * number for number in range(60)]

DAMAGES = {
    "leading zeros": (CODES, [int(code) for code in CODES]),
    "leading zeros, as text": (CODES, [str(int(code)) for code in CODES]),
    "leading zeros, behind letters": (NAMES, [f"Ab-{number}" for number in range(1, 61)]),
    "leading zeros, restored": ([int(code) for code in CODES], CODES),
    "their type": ([str(number) for number in range(60)], [f"{number}.0" for number in range(60)]),
    "their type, rounded": (LONG, [repr(float(number)) for number in LONG]),
    "spaces": (NAMES, [f"{name[:3]} {name[3:]}\u00a0" for name in NAMES]),
    "upper and lower case": (NAMES, [name.upper() for name in NAMES]),
    "spaces and upper and lower case": (NAMES, [f" {name.lower()}" for name in NAMES]),
    "leading zeros and their type": (CODES, [f"{int(code)}.0" for code in CODES]),
}  # fmt: skip


def column(values) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values)])


@pytest.mark.parametrize(("known", "given"), DAMAGES.values(), ids=list(DAMAGES))
def test_the_damage_is_named_with_an_example(known, given, request):
    """The fewest damages that explain it, and one id as it is here and there."""
    found = look_up(column(given), [column(known)])
    assert found.is_damaged and found.damage == request.node.callspec.id.partition(",")[0]
    assert repr(str(known[0]))[1:-1] in found.example


@given(st.lists(st.text(max_size=6), unique=True, max_size=30), st.data())
def test_the_same_ids_are_all_found_in_any_order_and_type(ids, data):
    """Ids that are there are never called damaged, however alike they look."""
    some = data.draw(st.permutations(ids))[: len(ids) // 2]
    found = look_up(column(some).cast(pa.large_string()), [column(ids).cast(pa.large_string())])
    assert (found.total, found.matched, found.is_damaged) == (len(some), len(some), False)
    assert look_up(column([3, 1]), [column(["1", "2"]), column(["3"])]).matched == 2


def test_a_number_is_the_text_that_it_was_read_from():
    """An older version may hold as numbers what is text now: the same file again is not damaged."""
    texts = ["12345678901234567.0", "1001.0", "7.5"]
    found = look_up(column(texts), [column([float(text) for text in texts])])
    assert (found.matched, found.is_damaged) == (3, False)


def test_new_ids_are_new_rows_also_if_two_look_alike():
    """Among case-sensitive codes some are alike by accident; one in a hundred or more is no accident."""
    known = [f"c{number}X" for number in range(1000)]
    fresh = [f"d{number}X" for number in range(999)]
    assert not look_up(column([*fresh, "C1X"]), [column(known)]).is_damaged
    assert look_up(column([*fresh[:99], "C1X"]), [column(known)]).is_damaged


def test_no_more_versions_are_read_than_needed():
    """The newest one usually has them all."""

    def versions():
        yield column([1, 2, 3])
        raise AssertionError("an older version was read")

    assert look_up(column([2, 3]), versions()).matched == 2


@pytest.fixture
def add(ws, tmp_path):
    """Keep ids with a number each as the next version of people."""

    def version(ids, **options):
        pd.DataFrame({"id": ids, "age": range(30, 30 + len(ids))}).to_csv(tmp_path / "people.csv", index=False)
        return ws.datasets.add(tmp_path / "people.csv", name="people", id="id", **options)

    return version


def test_a_next_version_with_damaged_ids_is_refused_and_nothing_is_kept(ws, add):
    """The message counts them and shows one; the ways out are the file and another name."""
    add(CODES)
    before = ws.log()
    with pytest.raises(
        DataError, match=r"60 of 60 ids are known but for leading zeros: '1' is '00001' there"
    ) as refused:
        add([int(code) for code in CODES])
    assert "under another name" in refused.value.next_step and ws.log() == before


def test_a_new_month_is_kept_and_an_old_one_is_still_known_afterwards(add):
    """New ids are a new cohort; damaged ids of any earlier version are found out."""
    add(CODES)
    assert add([f"{number:05d}" for number in range(100, 160)]).version == 2
    with pytest.raises(DataError, match="leading zeros"):
        add([*range(40, 60), *(f"{number:05d}" for number in range(200, 240))])


def test_ids_that_become_text_are_the_same_rows(add):
    """Once a code with letters is among them all are text; 41 and "41" are one row."""
    add(range(60))
    assert add([*range(60), "A7"]).column_types["id"] == "text"
