"""Orders: the words of train, submit and sweep mean one thing, and nothing is kept before all of them are understood."""

from __future__ import annotations

import pytest

from mlops import Workspace
from mlops.base.errors import DataError, InvalidError
from mlops.training import orders
from tests.conftest import STUMP

WORDS = {
    "overrides": {"model.max_depth": 2},
    "data": "customers@1",
    "seed": None,
    "note": "why",
    "tags": {"try": "this"},
}

RECORDED = ("name", "params", "config_sha256", "data", "roles", "seed", "threshold", "note", "code")
"""What a run holds before it begins, beside outcomes, tags and warnings."""


class Nobody:
    """A pool that starts nothing, so that what is queued stays queued."""

    def adopt(self, *_):
        """Serve no workspace."""


def test_the_only_dataset_is_the_data_of_a_training_and_of_several_one_must_be_named(trained, customers_csv):
    """Nothing is guessed; the message lists what there is."""
    trained.datasets.add(customers_csv, name="again", target="churn", id="customer_id")
    with pytest.raises(InvalidError, match="this workspace has 2 datasets: again, customers"):
        trained.train(STUMP)
    assert trained.train(STUMP, data="again").data["name"] == "again"


@pytest.fixture
def december(trained, customers, tmp_path):
    """The trained workspace with customers@2: others, whose outcomes nobody knows yet."""
    new = customers.drop(columns="churn").assign(customer_id=[f"n{number}" for number in range(len(customers))])
    new.to_csv(tmp_path / "new.csv", index=False)
    trained.datasets.add(tmp_path / "new.csv", "customers")
    return trained


@pytest.mark.parametrize(
    ("config", "data"), [(STUMP, None), (STUMP, "customers"), (f"data: {{name: customers}}\n{STUMP}", None)]
)
def test_a_name_alone_is_its_newest_version_that_one_may_train_on(december, config, data):
    """What only waits for its outcomes is left out, and the run remembers that."""
    order = orders.take(december.datasets, config, {}, data)
    [remark] = orders.facts(december._ledger, december._artifacts, order)[0]["warnings"]
    assert order.version.ref == "customers@1"
    assert remark["code"] == "newer_left_out"
    assert remark["message"].startswith("customers@2 is newer and was left out. Good for predicting, not for training")


@pytest.mark.parametrize(
    ("config", "data"),
    [
        (STUMP, "customers@latest"),
        (STUMP, "customers@2"),
        (f"data: {{name: customers@latest}}\n{STUMP}", None),
        (f"data: {{name: customers, version: latest}}\n{STUMP}", None),
        (f"data: {{name: customers, version: 2}}\n{STUMP}", None),
    ],
)
def test_a_version_that_is_named_is_taken_literally(december, config, data):
    """Whoever says which one gets that one, and hears what is wrong with it."""
    assert orders.take(december.datasets, config, {}, data).version.ref == "customers@2"


def test_where_no_version_can_be_trained_on_nothing_is_recorded(ws, customers, tmp_path):
    """The refusal says what is awaited: twenty rows are too few, and the others have no outcome yet."""
    customers.head(20).to_csv(tmp_path / "few.csv", index=False)
    ws.datasets.add(tmp_path / "few.csv", "customers", target="churn", id="customer_id")
    customers.tail(500).drop(columns="churn").to_csv(tmp_path / "new.csv", index=False)
    ws.datasets.add(tmp_path / "new.csv", "customers")
    before = ws.head()
    with pytest.raises(DataError, match="customers@2: Good for predicting, not for training yet: none of 500"):
        ws.train(STUMP)
    assert ws.head() == before


def test_train_submit_and_sweep_record_the_same_of_the_same_words(trained):
    """Who carries it out, and when, is all that they differ in."""
    at_once = trained.train(STUMP, **WORDS)
    later = trained.submit(STUMP, **WORDS, pool=Nobody())
    [trial] = trained.sweep(STUMP, {"model.max_depth": [2]}, **WORDS, wait=False, pool=Nobody()).trials

    for one in (later, trial):
        for what in RECORDED:
            assert getattr(one, what) == getattr(at_once, what), what
        assert one.outcomes["sha256"] == at_once.outcomes["sha256"] and one.tags["try"] == "this"
        assert [note["code"] for note in one.warnings] == ["unseeded"]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [("tags", {"1st": "x"}), ("tags", {"try": "\0"}), ("note", "\0"), ("overrides", {"training.test_size": 2})],
)
@pytest.mark.parametrize("door", ["train", "submit"])
def test_a_file_that_a_config_names_is_added_only_when_every_word_is_understood(
    ws: Workspace, customers_csv, door, said, wrong
):
    """What is refused has changed nothing."""
    with pytest.raises(InvalidError):
        getattr(ws, door)(f"data: {{path: '{customers_csv}', target: churn}}\n{STUMP}", **{said: wrong})
    assert ws.head() == 0


def test_the_trials_of_an_order_are_named_by_its_config_and_differ_in_their_values(trained):
    """What is laid over the file holds for all of them."""
    order = orders.take(trained.datasets, STUMP, {"training.random_state": 3}, grid={"model.max_depth": [1, 4]})

    assert order.name == "gradient_boosting" and order.version.ref == "customers@1"
    assert [(one.params["model.max_depth"], one.seed) for one in order.configs] == [(1, 3), (4, 3)]
