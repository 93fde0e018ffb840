"""Sequence: rows in some order are told from rows in none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlops.data.quality.evidence import Evidence
from mlops.data.quality.sequence import same_entity, sorted_rows, time_order
from mlops.data.roles import Roles

ROWS = 1000
DRIFTING = (np.random.default_rng(1).random(ROWS) < np.linspace(0.05, 0.6, ROWS)).astype(int)
ROLES = Roles(target="sold", task="binary", positive=1)


def evidence(sold=DRIFTING, roles: Roles = ROLES, **columns) -> Evidence:
    arrays = {name: pa.array(values) for name, values in {**columns, "sold": sold}.items()}
    return Evidence.of(
        pa.table({name: a.cast(pa.large_string()) if pa.types.is_string(a.type) else a for name, a in arrays.items()}),
        roles,
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("rows", [100, 300, 1000])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_shuffled_rows_are_in_no_order(seed, rows, task):
    """Chance alone never looks like time, neither in a short file nor in a long one."""
    random = np.random.default_rng(seed)
    sold = {"binary": random.random(rows) < 0.1, "multiclass": random.integers(0, 9, rows)}.get(task)
    seen = evidence(random.lognormal(0, 2, rows) if sold is None else sold.astype(int), Roles(target="sold", task=task))

    assert [*time_order(seen), *sorted_rows(seen)] == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("on", np.arange(ROWS).astype("datetime64[D]")),
        ("at", np.arange(ROWS)[::-1].astype("datetime64[us]")),  # newest first is an order, too
        ("model_year", np.arange(ROWS) // 100),
        ("month", [f"2024-{1 + number // 100:02}" for number in range(ROWS)]),
        ("order date", [f"day {number // 10}" for number in range(ROWS)]),
    ],
)
def test_a_column_that_tells_the_time_is_offered(name, values):
    """The next step names the option with the column."""
    [note] = time_order(evidence(**{name: values}))

    assert f"--time {name}," in note.next_step and "training.split: latest" in note.next_step


@pytest.mark.parametrize(
    "columns",
    [
        {"pclass": np.arange(ROWS) // 400},
        {"site": ["north"] * 300 + ["south"] * 700},
        {"pclass": np.arange(ROWS) // 400, "name": [f"passenger {number:04}" for number in range(ROWS)]},
    ],
    ids=["number", "words", "with ids"],
)
def test_rows_sorted_by_a_feature_are_explained_by_it(columns):
    """A passenger list goes by class; the model sees the class."""
    assert list(time_order(evidence(**columns))) == []


@pytest.mark.parametrize(
    "counter", [np.arange(ROWS), [f"r{number:04}" for number in range(ROWS)]], ids=["number", "text"]
)
def test_a_counter_explains_nothing(counter):
    """Ids rise along every file."""
    assert len(list(time_order(evidence(counter=counter)))) == 1


def test_what_changed_is_told_in_numbers():
    """From the lowest to the highest tenth of the file."""
    [classes] = time_order(evidence(np.repeat([0, 1, 0, 1], [300, 100, 500, 100])))
    [means] = time_order(
        evidence(np.linspace(10, 20, ROWS) + np.tile([3.0, -3.0], 500), Roles("sold", task="regression"))
    )

    assert "sold is 1 in 0% to 100% of the rows" in classes.message
    assert "the mean of sold is 10.5 to 19.5" in means.message


@pytest.mark.parametrize(
    ("sold", "task"),
    [
        (np.repeat([1, 0], [300, 700]), "binary"),
        (np.repeat([2, 0, 1], [300, 300, 400]), "multiclass"),
        (np.arange(ROWS) * -0.1, "regression"),
    ],
)
def test_sorted_by_the_target_is_no_time(sold, task):
    """Whatever comes first: each class stands in one block, or the number only falls."""
    seen = evidence(sold, Roles(target="sold", task=task))

    assert [note.code for note in [*sorted_rows(seen), *time_order(seen)]] == ["sorted_rows"]


@pytest.mark.parametrize(
    ("name", "is_entity"),
    [
        ("customer_id", True),
        ("id", True),
        ("patientId", True),
        ("Client ID", True),
        ("paid", False),
        ("bid", False),
        ("humid", False),
    ],
)
def test_an_entity_is_told_by_its_name(name, is_entity):
    """A number that repeats is an id only if it is called one."""
    assert len(list(same_entity(evidence(**{name: np.arange(ROWS) % 300})))) == is_entity


def test_a_code_of_few_values_is_no_entity():
    """Five sites are a feature."""
    assert list(same_entity(evidence(site_id=np.arange(ROWS) % 5))) == []


def test_the_group_wins_over_the_id():
    """What a person said belongs together is what belongs together."""
    roles = Roles("sold", id="visit", group="household", task="binary")

    [note] = same_entity(evidence(roles=roles, visit=np.arange(ROWS) // 2, household=np.arange(ROWS) // 5))

    assert note.next_step == "Keep them together: training.group: household."
