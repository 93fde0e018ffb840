"""Built-in sets: added like anybody's file, and each can be learned."""

from __future__ import annotations

import pytest

from mlops import builtin
from mlops.base.errors import NotFoundError
from tests.shell import Shell

LEARN = {
    "multiclass": "model: {type: gradient_boosting, n_estimators: 5, max_depth: 2}",
    "binary": "model: {type: logistic_regression}",
    "regression": "model: {type: ridge}",
}
EVERY = pytest.mark.parametrize("one", builtin.SETS, ids=lambda one: one.name)


@EVERY
def test_a_set_is_what_its_record_says(ws, one):
    """Rows, target, task and positive class; where it comes from stands in its message."""
    version = builtin.add(ws, one.name)

    assert (version.ref, version.rows) == (f"{one.name}@1", one.rows)
    assert (version.target, version.task, version.positive) == (one.target, one.task, one.positive)
    assert "scikit-learn" in version.message and version.source == f"{one.name}.csv"
    assert version.schema[-1]["name"] == one.target


@EVERY
def test_a_set_trains_from_end_to_end(ws, one):
    """A small model of its task is better than guessing."""
    builtin.add(ws, one.name)

    run = ws.train(LEARN[one.task], data=one.name)

    assert run.status == "finished"
    scores = run.metrics["validation"]
    assert scores["r2"] > 0.2 if one.task == "regression" else scores["accuracy"] > 0.6


@EVERY
def test_a_set_loses_nothing_on_its_way(ws, one):
    """Every number that scikit-learn has is in the version, to the last digit."""
    builtin.add(ws, one.name)

    kept = ws.datasets.frame(f"{one.name}@1")

    assert kept.to_dict("list") == builtin.frame(one.name).to_dict("list")


def test_a_tumour_is_a_word():
    """scikit-learn codes malignant as 0, and people take 1 for the bad case."""
    assert builtin.frame("breast_cancer")["diagnosis"].value_counts().to_dict() == {"benign": 357, "malignant": 212}


def test_a_set_gets_the_notes_it_deserves(ws):
    """iris is sorted, digits has dark corners; what the order of the tumours means, nobody knows."""
    deserved = {
        "iris": {"sorted_rows", "duplicates"},
        "wine": {"sorted_rows"},
        "breast_cancer": {"time_order"},
        "digits": {"constant"},
        "diabetes": set(),
    }

    for name in deserved:
        builtin.add(ws, name)

    assert {name: {note.code for note in ws.datasets.notes(name)} for name in deserved} == deserved


def test_column_names_are_one_word():
    """They can be typed in a config without quotes."""
    names = [column for one in builtin.SETS for column in builtin.frame(one.name)]

    assert not [name for name in names if " " in name or "(" in name]


def test_an_unknown_set_is_refused_with_the_known_ones(ws):
    """Nothing is downloaded, and nothing is added."""
    with pytest.raises(NotFoundError, match="No built-in set is named 'titanic'. There are: iris, wine"):
        builtin.add(ws, "titanic")
    assert ws.datasets.list() == []


def test_the_command_lists_and_adds(ws):
    """A bare array without a name, a version with one; the second time it is there already."""
    shell = Shell(ws.path)

    assert [one["name"] for one in shell.get("data", "builtin")] == [one.name for one in builtin.SETS]
    assert shell.get("data", "builtin", "iris") == ws.datasets.get("iris").as_dict()
    assert shell.get("data", "builtin", "iris")["created"] is False
    assert shell("data", "builtin", "titanic").error["code"] == "not_found"


def test_the_list_needs_no_workspace(tmp_path):
    """And makes none; adding needs one, as every command but init, data add and train."""
    shell = Shell(tmp_path / "workspace")

    assert len(shell.get("data", "builtin")) == len(builtin.SETS)
    assert (shell("data", "builtin", "iris").code, shell.workspace.exists()) == (1, False)
