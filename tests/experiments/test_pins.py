"""Pins: each of the five moves for its own cause alone, and five equal ones promise equal bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base import provenance
from mlops.experiments import pins
from tests.conftest import STUMP

RUN = {
    "data": {"name": "customers", "version": 1, "sha256": "1" * 64},
    "roles": {"target": "churn", "id": "customer_id", "time": None, "group": None, "task": "binary", "positive": 1},
    "outcomes": {"known_until": "2024-01-01", "sets": [], "sha256": "0" * 64},
    "code": {"git_commit": "a" * 40, "dirty": False, "source_sha256": "2" * 64},
    "software": {"python": "3.11.7", "platform": "linux x86_64", "packages": {"numpy": "2.4.6"}},
    "config_sha256": "3" * 64,
    "params": {"model.type": "dummy", "training.test_size": 0.2, "training.random_state": 42},
    "seed": 42,
}
MOVES = {
    "other content": ("data", {"data": RUN["data"] | {"sha256": "4" * 64}}),
    "another role": ("data", {"roles": RUN["roles"] | {"group": "household"}}),
    "an outcome became known": (
        "data",
        {"outcomes": RUN["outcomes"] | {"sets": [{"labels_id": "l1", "sha256": "5" * 64}]}},
    ),
    "a line of code": ("code", {"code": RUN["code"] | {"source_sha256": "6" * 64}}),
    "another package": ("software", {"software": RUN["software"] | {"packages": {"numpy": "2.5.5"}}}),
    "another machine": ("software", {"software": RUN["software"] | {"platform": "darwin arm64"}}),
    "a key of the config": ("config", {"params": RUN["params"] | {"training.test_size": 0.3}}),
    "the seed": (
        "seed",
        {"seed": 7, "params": RUN["params"] | {"training.random_state": 7}, "config_sha256": "7" * 64},
    ),
}


def letters(*runs):
    return pins.lettered([pins.pins(run) for run in runs])


@pytest.mark.parametrize("cause", MOVES)
def test_each_cause_moves_its_own_pin_and_no_other(cause):
    """Also the seed, though it stands in the config."""
    name, changed = MOVES[cause]
    first, second = letters(RUN, RUN | changed)
    assert first == ("A",) * 5
    assert [pin for pin, letter in zip(pins.NAMES, second, strict=True) if letter != "A"] == [name]
    assert pins.first_divergence(pins.pins(RUN), pins.pins(RUN | changed)) == name


@pytest.mark.parametrize(
    "same",
    [
        {"data": RUN["data"] | {"name": "clients", "version": 3}},
        {"outcomes": None},
        {"outcomes": RUN["outcomes"] | {"known_until": "2025-01-01"}},
        {"code": RUN["code"] | {"git_commit": None, "dirty": None}},
        {"config_sha256": "8" * 64},
        {"params": RUN["params"] | {"gate.margin": 0.02}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_names_dates_and_what_a_release_asks_move_nothing(same):
    """The hash is the identity, the name a nickname."""
    assert letters(RUN, RUN | same)[1] == ("A",) * 5
    assert pins.first_divergence(pins.pins(RUN), pins.pins(RUN | same)) is None


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("data", {"data": {}}), ("data", {"roles": None}), ("code", {"code": {}}),
        ("code", {"code": {"git_commit": "a" * 40, "dirty": False}}), ("software", {"software": {}}),
        ("config", {"config_sha256": None}), ("seed", {"seed": None}),
    ],
)  # fmt: skip
def test_what_was_not_recorded_is_not_pinned_and_says_why(name, missing):
    """Two runs of which nobody knows the seed are not equal in it."""
    unpinned = RUN | missing
    pin = pins.pins(unpinned)[pins.NAMES.index(name)]
    assert pin.sha256 is None and ("no" in pin.told or "not" in pin.told)
    assert letters(unpinned, RUN)[0][pins.NAMES.index(name)] == ""
    assert pins.first_divergence(pins.pins(unpinned), pins.pins(unpinned)) == name


def test_a_logged_run_pins_nothing(ws):
    """What was done elsewhere promises nothing here."""
    run = ws.runs.log("elsewhere", {"lr": 0.1, "training.random_state": 1}, {"validation": {"auc": 0.8}})
    assert letters(run) == [("",) * 5]


def test_five_equal_pins_give_equal_bytes_and_each_other_cause_another_pin(trained, customers, tmp_path, monkeypatch):
    """Real trainings: the same again, the data under another name, a role, a key, a seed, a line of code."""
    first = trained.runs.list()[0]
    customers.to_csv(tmp_path / "same.csv", index=False)
    trained.datasets.add(tmp_path / "same.csv", "people", target="churn", id="customer_id")
    trained.datasets.add(tmp_path / "same.csv", "customers", time="signed_up")
    runs = {
        None: trained.train(STUMP, data="customers@1"),
        "": trained.train(STUMP, data="people@1"),
        "data": trained.train(STUMP, data="customers@2"),
        "config": trained.train(STUMP, data="customers@1", overrides={"model.max_depth": 2}),
        "seed": trained.train(STUMP, data="customers@1", seed=7),
    }
    unseeded = [trained.train(STUMP, data="customers@1", seed=None) for _ in range(2)]
    monkeypatch.setattr(provenance, "source_sha256", lambda: "9" * 64)
    runs["code"] = trained.train(STUMP, data="customers@1")

    for cause, run in runs.items():
        assert (pins.first_divergence(pins.pins(first), pins.pins(run)) or "") == (cause or ""), cause
        if not cause:
            assert run.model_sha256 == first.model_sha256
    assert pins.first_divergence(*map(pins.pins, unseeded)) == "seed"


def test_a_run_and_its_fields_have_the_same_pins(trained):
    """A table of thousands of runs need not make whole records of them."""
    [run] = trained.runs.list()
    [fields] = trained.runs.table(pins.FIELDS)
    assert pins.pins(fields) == pins.pins(run) and all(pin.sha256 for pin in pins.pins(run))


@given(st.lists(st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=5, max_size=5), max_size=8))
def test_letters_follow_the_order_of_appearance(view):
    """Equal letters are equal hashes, none is none, and the first one that is new is A, then B, then C."""
    runs = [[pins.Pin(name, value or None, value) for name, value in zip(pins.NAMES, run, strict=True)] for run in view]
    found = pins.lettered(runs)
    for place in range(5):
        column, values = [row[place] for row in found], [row[place] for row in view]
        order = list(dict.fromkeys(value for value in values if value))
        assert column == ["ABC"[order.index(value)] if value else "" for value in values]


def test_more_than_twenty_six_values_have_letters_of_their_own():
    """A long table still tells any two apart."""
    runs = [[pins.Pin("seed", str(number), "")] * 5 for number in range(60)]
    found = [row[0] for row in pins.lettered(runs)]
    assert found[25:28] == ["Z", "AA", "AB"] and len(set(found)) == 60
