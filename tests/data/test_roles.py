"""Roles: given by a person, inherited, checked - and asked for where the values contradict each other."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import DataError
from mlops.data.roles import COLUMN_ROLES, Roles, decide, positive_hint, told_task
from mlops.data.tables import ARROW

PEOPLE = pa.table(
    {
        "id": [1, 2, 3, 4],
        "month": pa.array(["2023-09", "2023-09", "2023-10", "2023-10"], ARROW["text"]),
        "house": pa.array(["a", "a", "b", "b"], ARROW["text"]),
        "left": pa.array(["no", "yes", "no", "no"], ARROW["text"]),
    }
)
KNOWN = Roles(target="left", id="id", time="month", group="house", task="binary", positive="yes")


def column(*values: object) -> pa.ChunkedArray:
    kind = ARROW["text"] if isinstance(values[0], str) else None
    return pa.chunked_array([pa.array(values, kind)])


def test_what_is_said_wins_over_what_is_known():
    """Every role stays until another is given for it."""
    decided, notes = decide(PEOPLE, {"time": None, "group": "month"}, Roles(target="left", id="id", group="house"))
    assert decided == Roles(target="left", id="id", group="month", task="binary", positive="yes") and notes == []


def test_another_target_has_a_task_and_a_positive_class_of_its_own():
    """What was known about the old target says nothing about the new one."""
    decided, _ = decide(
        PEOPLE, {"target": "house", "group": "left"}, Roles(target="left", task="binary", positive="yes")
    )
    assert (decided.task, decided.positive) == ("binary", "a")


@pytest.mark.parametrize("first", COLUMN_ROLES)
@pytest.mark.parametrize("second", COLUMN_ROLES)
def test_a_column_has_one_role(first, second):
    """What is predicted cannot name the rows, what orders them cannot group them."""
    if first != second:
        with pytest.raises(DataError, match=r"'left' cannot be both (target|id|time|group) and"):
            decide(PEOPLE, {first: "left", second: "left"}, Roles())


@pytest.mark.parametrize(
    ("values", "label", "sure"),
    [
        (("no", "no", "yes"), "yes", True),
        ((0, 0, 0, 1), 1, True),
        ((False, True), True, True),
        ((0, 1, 1), 1, False),  # the more frequent one, but not by far
        ((0, 1, 1, 1), None, False),  # "1" may mean that all is well
        ((1.0, 1.0, 1.0, 0.0), None, False),
        (("<=50K", "<=50K", ">50K"), ">50K", False),
        (("dog", "cat"), "cat", False),
    ],
)
def test_a_word_and_rarity_hint_at_the_positive_class(values, label, sure):
    """Both agree: sure. One speaks: taken, and said. They contradict each other: nobody guesses."""
    hint = positive_hint(column(*values))
    assert (hint.label, hint.sure) == (label, sure) and "rows" in hint.why


def test_contradicting_hints_are_a_question_with_both_answers():
    """1 in more than two thirds of the rows: the person says which class is to be predicted."""
    table = pa.table({"risk": pa.array([1] * 7 + [0] * 3)})
    with pytest.raises(
        DataError, match="Which class of 'risk' is to be predicted.*'0' in 3 and '1' in 7 rows"
    ) as asked:
        decide(table, {"target": "risk"}, Roles())
    assert asked.value.next_step == "Say it: --positive 0 or --positive 1."
    decided, notes = decide(table, {"target": "risk", "positive": "0"}, Roles())
    assert decided.positive == 0 and notes == []


@pytest.mark.parametrize(
    ("values", "task"),
    [((1, 2), "binary"), ((1, 2, 3), "regression"), ((0.5, 1.0), "regression"), (("a", "b", "c"), "multiclass")],
)
def test_the_values_tell_the_task(values, task):
    """Two values are a yes or no, more numbers a quantity, more words a choice."""
    assert told_task(column(*values)) == task


def test_whole_numbers_that_may_be_classes_are_a_warning():
    """Grades are taken as a quantity, and the way to classes is named."""
    decided, [note] = decide(pa.table({"stars": [1, 2, 3, 4, 5]}), {"target": "stars"}, Roles())
    assert decided.task == "regression" and (note.code, note.severity) == ("task_assumed", "warning")
    assert "--task multiclass" in note.next_step


@given(st.lists(st.sampled_from(["yes", "no"]), min_size=1), st.sampled_from(["yes", "no", None]))
def test_the_positive_class_is_a_value_of_the_target_or_was_said(values, positive):
    """Whatever the shares: a class that is there, one that a person named, or a question."""
    table = pa.table({"y": pa.array(values, ARROW["text"])})
    try:
        decided, _ = decide(table, {"target": "y", "positive": positive}, Roles())
    except DataError as asked:
        assert "--positive" in asked.next_step
    else:
        assert decided.positive in {*values, positive}
