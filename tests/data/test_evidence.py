"""Evidence: which rows and columns the checks look at."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlops.data.quality import evidence as module
from mlops.data.quality.evidence import Evidence, leave_out, repeated_rows
from mlops.data.roles import Roles
from mlops.data.tables import ARROW

VALUES = {
    "integer": st.integers(0, 1),
    "number": st.sampled_from([0.0, -0.0, 1.0]),
    "boolean": st.booleans(),
    "text": st.sampled_from(["", "a"]),
    "date": st.sampled_from([date(1970, 1, 1), date(1970, 1, 2)]),
    "datetime": st.just(datetime(1970, 1, 1)),
}
TABLE = pa.table(
    {
        "who": ["a", "b", "c"],
        "on": pa.array([1, 2, 3], pa.date32()),
        "age": [30, 40, 50],
        "fee": [1.0, 2.0, None],
        "sold": [1, None, 0],
    }
)


def test_features_are_the_columns_without_a_role_but_dates():
    """As a training chooses them."""
    assert Evidence.of(TABLE, Roles(target="sold", id="who", task="binary")).features == ("age", "fee")
    assert Evidence.of(TABLE, Roles(target="sold", group="age", time="fee", task="binary")).features == ("who",)


def test_a_choice_of_features_is_looked_at_alone():
    """Roles and dates are never among them, whatever is chosen."""
    roles = Roles(target="sold", id="who", task="binary")

    assert Evidence.of(TABLE, roles, features=["fee", "sold", "on"]).features == ("fee",)


def test_only_known_outcomes_are_counted():
    """A row whose outcome comes later has no class."""
    seen = Evidence.of(TABLE, Roles(target="sold", task="binary"))

    assert seen.labelled.num_rows == 2
    assert seen.class_counts == {0: 1, 1: 1}


@pytest.mark.parametrize("roles", [Roles(), Roles(target="gone", task="binary"), Roles(target="sold")], ids=str)
def test_without_a_target_and_a_task_there_is_nothing_to_tell(roles):
    """Nobody said what to learn, or it is not here."""
    seen = Evidence.of(TABLE, roles)

    assert (seen.target, seen.class_counts, seen.strengths) == (None, {}, {})


def test_a_large_table_is_measured_on_a_sample(monkeypatch):
    """The same rows every time; few of them tell what all would."""
    monkeypatch.setattr(module, "SAMPLE_ROWS", 500)
    table = pa.table({"copy": [0, 1] * 5000, "noise": list(range(10_000)), "sold": [0, 1] * 5000})

    first, second = (Evidence.of(table, Roles(target="sold", task="binary")).strengths for _ in range(2))

    assert first == second and list(first) == ["copy", "noise"] and first["copy"] == 1
    assert first["noise"] < 0.7


@given(st.lists(st.text(min_size=1).filter(lambda name: name.isprintable()), min_size=1, max_size=4))
def test_any_column_can_be_left_out_by_pasting(names):
    """YAML reads the very names back, whatever they look like to it."""
    assert yaml.safe_load(leave_out(names)) == {"features.exclude": names}


@given(st.lists(st.tuples(*(st.none() | values for values in VALUES.values())), max_size=12))
def test_repeated_rows_are_equal_in_every_column(rows):
    """As a set of Python's tuples counts them: missing equals missing, 0 is not missing, -0.0 equals 0.0."""
    columns = zip(VALUES, zip(*rows, strict=True) if rows else [()] * len(VALUES), strict=True)
    table = pa.table({kind: pa.array(values, ARROW[kind]) for kind, values in columns})

    assert repeated_rows(table) == len(rows) - len(set(rows))
