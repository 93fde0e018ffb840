"""Better or luck on Compare: the shuffle of a run against the reference, one fold away."""

from __future__ import annotations

import json

import pytest

from mlops import Workspace
from tests.conftest import STUMP
from tests.screens import open_page, unfold


@pytest.fixture
def three(trained: Workspace, monkeypatch) -> list[str]:
    """Ids of three runs of different depth, the oldest first, on screen."""
    for depth in (2, 3):
        trained.train(STUMP, overrides={"model.max_depth": depth, "model.n_estimators": 5 * depth})
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    return [run.run_id for run in trained.runs.list()][::-1]


def drawn(at):
    """Return the shuffles on a page as the browser gets them."""
    return [
        json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.component_name == "luck_shuffle"
    ]


def test_the_fold_shuffles_the_pair_that_is_compared(three, trained):
    """The reference is the older run; the line stands at equal, and the draws are those of their difference."""
    at = open_page("compare", run=three[:2])
    assert not drawn(at)
    [shuffled] = drawn(unfold(at, "compare.luck"))
    difference = trained.comparisons.difference(*three[:2])
    assert shuffled["names"] == ["older", "newer"] and (shuffled["line"], shuffled["ruled"]) == (0, False)
    assert [one[:2] for one in shuffled["draws"]] == [list(one) for one in difference.draws]
    assert shuffled["ends"] == [difference.low, difference.high] and shuffled["asked"][1] == "equal"


def test_of_several_runs_one_is_shuffled_at_a_time(three):
    """Which one is a choice; each is held against the same reference."""
    at = unfold(open_page("compare", run=three), "compare.luck")
    [first] = drawn(at)
    choice = at.segmented_control(key="compare.luck.run")
    [other] = drawn(choice.set_value(choice.options[1]).run())
    assert first["names"][0] == other["names"][0] and first["names"][1] != other["names"][1]
    assert not at.exception
