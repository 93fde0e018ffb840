"""Under the hood of a screen: the exact line of what was just done there, or of what is looked at."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.screens import open_page, unfold
from tests.shell import mlops


@pytest.fixture
def live(released, monkeypatch):
    """A workspace with a live version, as the app's own."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    return released


def lines(at) -> list[str]:
    """Return the lines in the drawer that say what was done, or is looked at."""
    said = [one.value for one in at.caption]
    assert any(one.startswith(("What was done last", "What you see here", "What was answered last")) for one in said)
    return next(one.value for one in at.code if one.value.startswith("mlops ")).splitlines()


def test_a_click_is_told_as_the_line_that_does_it(live):
    """The rule that was just set on the screen, with its numbers and its reason."""
    live.gate_rules.set("production", margin=0.01, reason="a point is 40 customers")

    [line] = lines(unfold(open_page("release"), "release.hood"))

    said = "gate-rule --env production --require not_worse --margin 0.01 --reason 'a point is 40 customers'"
    assert line.startswith(f"mlops {said}")


def test_two_runs_that_are_looked_at_are_told_as_the_line_that_compares_them(live):
    """It works as it is pasted, in this very workspace."""
    first = live.runs.list()[0].run_id
    second = live.train(live.runs.text(first, "config.yaml"), seed=7).run_id

    [line] = lines(unfold(open_page("compare", runs=f"{first},{second}"), "compare.hood"))
    answer = mlops("--json", *shlex.split(line)[1:])

    assert answer.code == 0 and set(json.loads(answer.out)["runs"]) == {first, second}


def test_an_answer_is_told_as_the_line_that_asks_again(live):
    """With the row as it was sent."""
    row = dict(live.models.metadata("@production")["examples"][0]["row"])
    asked = live.predict("@production", row)

    line = lines(unfold(open_page("predict"), "predict.hood"))[-1]
    answer = mlops("--json", *shlex.split(line)[1:])

    assert answer.document["churn_probability"] == asked.as_dict()["churn_probability"]
