"""Splitting: every row has one side, time does not flow backwards, and nobody stands on two sides."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from mlops.base.errors import ConfigError, DataError
from mlops.data.roles import Roles
from mlops.experiments.configs import TrainingSection
from mlops.experiments.runs import SPLITS
from mlops.training.splitting import split

ROLES = Roles(target="y", time="month", group="house", task="binary", positive=1)


def rows(months, houses=None) -> pa.Table:
    """Return a table whose target alternates, with a month and a house for each row."""
    count = len(months)
    return pa.table(
        {
            "month": pa.array(months),
            "house": pa.array(houses if houses is not None else range(count)),
            "y": pa.array([number % 2 for number in range(count)]),
        }
    )


def test_the_plain_split_is_the_one_of_scikit_learn():
    """Anybody can repeat it: two calls of train_test_split on the rows in stored order."""
    table = rows(range(200))
    parts, _ = split(table, ROLES, TrainingSection(test_size=0.3, random_state=5))
    classes = table.column("y").to_numpy()
    rest, test = train_test_split(np.arange(200), test_size=0.3, random_state=5, stratify=classes)
    train, validation = train_test_split(rest, test_size=0.2, random_state=5, stratify=classes[rest])
    assert [parts[part].tolist() for part in SPLITS] == [train.tolist(), validation.tolist(), test.tolist()]


@given(months=st.lists(st.integers(1, 12), min_size=30, max_size=120))
def test_the_latest_rows_are_the_test_and_no_month_is_on_two_sides(months):
    """Train is before validation, validation before test; a month is never cut in two."""
    table = rows(months)
    try:
        parts, notes = split(table, ROLES, TrainingSection(split="latest"))
    except DataError as refused:
        assert any(said in refused.message for said in ("happened at the same time", "No row of the train part"))
        return
    latest, earliest = ([limit(np.array(months)[parts[part]]) for part in SPLITS] for limit in (np.max, np.min))
    assert latest[0] < earliest[1] and latest[1] < earliest[2] and notes == []
    assert sorted(np.concatenate([*parts.values()])) == list(range(len(months)))


@given(houses=st.lists(st.sampled_from("abcdefghijklmno"), min_size=40, max_size=120))
def test_a_group_stands_on_one_side(houses):
    """All rows of a house are in train, or in validation, or in test."""
    table = rows(range(len(houses)), houses)
    try:
        parts, _ = split(table, ROLES, TrainingSection(group="house"))
    except DataError as refused:
        assert any(said in refused.message for said in ("they cannot be split", "No row of the train part"))
        return
    sides = [set(np.array(houses)[parts[part]]) for part in SPLITS]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert sorted(np.concatenate([*parts.values()])) == list(range(len(houses)))


def test_the_share_of_the_latest_split_is_the_one_asked_for():
    """With a moment of its own for each row, a fifth of the rows is a fifth."""
    parts, _ = split(rows(range(200)), ROLES, TrainingSection(split="latest"))
    assert [len(parts[part]) for part in SPLITS] == [128, 32, 40]


def test_without_a_time_column_the_stored_order_counts_and_that_is_said():
    """A file in order of time can be split by it, but nobody checked the order."""
    parts, [note] = split(rows(range(100)), Roles(target="y", task="binary"), TrainingSection(split="latest"))
    assert parts["test"].tolist() == list(range(80, 100)) and note.code == "stored_order"


@pytest.mark.parametrize(
    ("table", "training", "said"),
    [
        (rows([5] * 60), {"split": "latest"}, "All 60 rows happened at the same time"),
        (rows([*range(59), None]), {"split": "latest"}, "1 rows have no month"),
        (rows([f"{day}/1/2023" for day in range(1, 31)] * 2), {"split": "latest"}, "month is text such as '1/1/2023'"),
        (rows(range(60), ["a"] * 60), {"group": "house"}, "'house' has 1 groups in 60 rows"),
        (rows(range(60)).set_column(2, "y", pa.array([0] * 57 + [1] * 3)), {"split": "latest"}, "No row of the train"),
    ],
)
def test_rows_that_cannot_be_divided_like_this_are_refused(table, training, said):
    """Each refusal gives the number, the rule and another way."""
    with pytest.raises(DataError, match=said) as refused:
        split(table, ROLES, TrainingSection(**training))
    assert "training." in refused.value.next_step


def test_the_seed_decides_who_is_on_which_side_of_a_grouped_split():
    """The same seed gives the same sides, another one others."""
    table = rows(range(120), [number // 3 for number in range(120)])
    sides = [split(table, ROLES, TrainingSection(group="house", random_state=seed))[0]["test"] for seed in (1, 1, 2)]
    assert sides[0].tolist() == sides[1].tolist() != sides[2].tolist()


def test_time_and_group_exclude_each_other(ws, customers_csv):
    """Who stays a customer has rows on both sides of any date."""
    with pytest.raises(ConfigError, match="exclude each other"):
        ws.train("model: {type: dummy}\ntraining: {split: latest, group: region}\n")


def test_a_run_keeps_its_time_and_its_groups_apart(ws, customers, tmp_path):
    """From the file to the predictions of the run: roles are no features, and the split follows them."""
    customers["house"] = [f"h{number // 4}" for number in range(len(customers))]
    customers.to_csv(tmp_path / "c.csv", index=False)
    roles = {"target": "churn", "id": "customer_id", "time": "signed_up", "group": "house"}
    ws.datasets.add(tmp_path / "c.csv", "customers", **roles)
    for split_by, key in (("split: latest", "signed_up"), ("group: house", "house")):
        run = ws.train(f"model: {{type: dummy}}\ntraining: {{{split_by}}}\n")
        frame = ws.runs.predictions(run.run_id)
        values = {part: set(customers[key].iloc[frame[frame["part"] == part]["row"]]) for part in SPLITS}
        assert not values["train"] & values["test"] and not values["validation"] & values["test"]
        features = [one["name"] for one in ws.runs.document(run.run_id)["signature"]["features"]]
        assert not {"house", "signed_up", "churn", "customer_id"} & set(features)
