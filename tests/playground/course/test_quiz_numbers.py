"""Numbers of the quiz that come out of the tour: each from the stop in which the learner made it."""

from __future__ import annotations

import pytest

from playground import course, quiz, year
from playground.course import acts
from playground.course.mission import Step


def test_an_answer_of_ones_own_is_asked_about(at):
    """And beside it one that a second preparation would have given."""
    ws = at("notebook", solved=True)
    own = quiz.numbers(ws, ["answered", "twice"])
    [request, *_] = ws.predictions.list()

    assert all(one.own for one in own.values()) and own["answered"].value == f"{request['score']:.2f}"
    assert float(own["twice"].value) == pytest.approx(request["score"] + 0.03, abs=0.006)


@pytest.mark.slow
def test_a_run_of_ones_own_without_a_seed_is_asked_about(at):
    """It cannot be repeated, and which one that is stands below the question."""
    ws = course.workspace(at("config", solved=True), "config")
    own = quiz.numbers(ws, ["unseeded"])["unseeded"]
    unseeded = next(run for run in ws.runs.list("status = 'finished'") if run.seed is None)

    assert (own.value, own.own) == (f"{unseeded.metrics['validation']['auc']:.3f}", True)


@pytest.mark.slow
def test_the_answers_of_ones_own_bad_release_are_asked_about_once_the_guess_was_made(at):
    """Whether they come back is what stop 7 asks to guess."""
    ws = at("rollback", solved=True)
    assert not quiz.numbers(ws, ["sent"])["sent"].own
    course.waive(ws, "rollback", "sent")
    own = quiz.numbers(ws, ["sent"])["sent"]

    assert own.own and int(own.value.split()[0].replace(",", "")) > 0


@pytest.mark.slow
def test_a_release_check_of_ones_own_is_asked_about(at):
    """As long as the guess is to be made, the number stays covered here as well."""
    ws = at("promote", solved=True)
    assert not quiz.numbers(ws, ["ahead"])["ahead"].own
    found = course.guess(ws, "promote", 50, "ahead")

    assert quiz.numbers(ws, ["ahead"])["ahead"].value == str(found.answer)
    assert "stop 5" in quiz.numbers(ws, ["ahead"])["ahead"].source
    report = [one for one in course.workspace(ws, "promote").log() if one["kind"] == "gate.evaluate"][-1]
    lead = report["payload"]["changes"]["difference"]["difference"]
    assert quiz.numbers(ws, ["lead"])["lead"].value == f"{lead:.3f}"


@pytest.mark.slow
def test_the_months_of_ones_own_year_are_asked_about_once_one_fell_without_an_alarm(at):
    """In spring the price rose, and the inputs told; of a fall that no input told, August is the first."""
    ws = at("year")
    course.waive(ws, "year", "line")
    names = ["first_month", "first_auc", "low_month", "low_auc"]
    assert not quiz.numbers(ws, ["moved_month"])["moved_month"].own
    acts.carry_out(course.workspace(ws, "year"), (Step(do="play_to", args={"month": "2024-05"}),))
    course.answer(ws, "year", "may", "wait")
    before = quiz.numbers(ws, names)
    acts.carry_out(course.workspace(ws, "year"), (Step(do="play_to", args={"month": "2024-09"}),))
    own = quiz.numbers(ws, names)
    months = {one.name: one for one in year.read(course.workspace(ws, "year"), year.STORY, waived=True).known}
    low = months[own["low_month"].value]
    assert months[quiz.numbers(ws, ["moved_month"])["moved_month"].value].inputs == "drift"

    assert not any(one.own for one in before.values()) and all(one.own for one in own.values())
    assert (own["first_month"].value, own["first_auc"].value) == ("January", f"{months['January'].auc:.3f}")
    assert low.inputs == "none" and own["low_auc"].value == f"{low.auc:.3f}"
    assert low.auc <= months["January"].auc - year.FAR
