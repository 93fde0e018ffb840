"""Numbers of the quiz that come out of the tour: each from the stop in which the learner made it."""

from __future__ import annotations

import pytest

from playground import course, quiz
from playground.course import acts
from playground.course.mission import Step


@pytest.mark.slow
def test_a_release_check_of_ones_own_is_asked_about(at):
    """As long as the guess is to be made, the number stays covered here as well."""
    ws = at("promote", solved=True)
    assert not quiz.numbers(ws, ["ahead"])["ahead"].own
    found = course.guess(ws, "promote", 50, "ahead")

    assert quiz.numbers(ws, ["ahead"])["ahead"].value == str(found.answer)
    assert "stop 5" in quiz.numbers(ws, ["ahead"])["ahead"].source


@pytest.mark.slow
def test_the_months_of_ones_own_year_are_asked_about(at):
    """The first that is known, and the lowest after it."""
    ws = at("year")
    course.waive(ws, "year", "line")
    acts.carry_out(course.workspace(ws, "year"), (Step(do="play_to", args={"month": "2024-04"}),))
    aucs = course.reveal(ws, "year", "line").answer
    own = quiz.numbers(ws, ["first_month", "first_auc", "low_month", "low_auc"])
    lowest = min(range(1, len(aucs)), key=aucs.__getitem__)

    assert len(aucs) >= 2 and all(one.own for one in own.values())
    assert (own["first_month"].value, own["first_auc"].value) == ("January", f"{aucs[0] / 1000:.3f}")
    assert own["low_auc"].value == f"{aucs[lowest] / 1000:.3f}"
    assert own["low_month"].value == ("January", "February", "March", "April")[lowest]
