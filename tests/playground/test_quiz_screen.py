"""The quiz on the Guide: one question at a time, what is said to an answer, and what all of them come to."""

from __future__ import annotations

import pytest

from mlops import Workspace
from playground import quiz
from tests.playground.test_quiz import ALL, answer, wrong
from tests.screens import button, drawn_on, open_page, words_on


@pytest.fixture
def own(released, monkeypatch) -> Workspace:
    """A workspace on screen in which two versions went live."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    return released


def tab(**query: str):
    return open_page("guide", part="Quiz", **query)


def choose(at, option: str):
    at.radio[0].set_value(option).run()
    button(at, "Answer").click().run()
    assert not at.exception
    return at


def states(at) -> list[str]:
    return [mark["state"] for mark in drawn_on(at, "quiz_marks")["marks"]]


def test_a_question_stands_with_the_learners_own_number_and_says_where_it_is_from(own):
    """Nothing of what an option is worth is on the page before an answer."""
    at = tab()
    live = own.models.get("@production")
    said = words_on(at).replace("\\", "")

    assert f"the live model comes to {live.metrics['auc']:.3f}" in said
    assert "test AUC of churn_model v1.1.0, live in production" in said and f"1 of {len(ALL)}" in said
    assert button(at, "Answer").disabled
    assert not [one for one in quiz.question(ALL[0]).options if one.why in said]


def test_a_right_answer_explains_every_option(own):
    """And the next question waits for a click, so there is time to read."""
    at = choose(tab(), quiz.question(ALL[0]).answer)
    said = words_on(at).replace("\\", "")
    told = quiz.read(own).of(ALL[0])

    assert all(quiz.told(one.why, told.numbers) in said for one in told.question.options)
    assert states(at)[:2] == ["right", "open"] and not at.radio
    button(at, "Next question").click().run()
    assert f"2 of {len(ALL)}" in words_on(at)


def test_a_wrong_answer_says_why_and_keeps_the_right_one(own):
    """It comes back, and may be looked up until then."""
    at = choose(tab(), wrong(ALL[0]))
    said = words_on(at).replace("\\", "")
    asked = quiz.question(ALL[0])
    right = next(one for one in asked.options if one.id == asked.answer)

    assert "It comes back once" in said and right.why not in said and states(at)[0] == "returns"
    assert "Look on Start" in words_on(at)


def test_what_is_looked_up_on_the_guide_is_one_click_away(own):
    """The project, the sentences and the glossary are tabs of the same page."""
    answer(own, *ALL[: ALL.index("structure")])
    at = choose(tab(), wrong("structure"))
    button(at, "Look at Your project").click().run()

    assert not at.exception and at.session_state["part"] == "Your project"


def test_what_came_back_is_explained_whole(own):
    """The second answer stands."""
    answer(own, ALL[0], right=False)
    answer(own, *ALL[1:])
    at = tab()
    assert "here it is again" in words_on(at)
    choose(at, quiz.question(ALL[0]).answer)
    assert states(at)[0] == "second"
    button(at, "See what it came to").click().run()

    assert "Passed" in words_on(at) and f"{len(ALL)} of {len(ALL)} right" in words_on(at)
    at.session_state["quiz.table"] = True
    assert len(at.run().dataframe[0].value) == len(ALL)

    button(at, "Take it again").click().run()
    answer(own, *ALL, *ALL, right=False)
    said = words_on(tab())
    assert "Passed" in said and f"This time 0 of {len(ALL)} right; you passed before, and that stays." in said


def test_who_did_not_pass_reads_again_and_takes_it_again(own):
    """The earlier attempt stays on record."""
    answer(own, *ALL, right=False)
    answer(own, *ALL, right=False)
    at = tab()
    assert f"0 of {len(ALL)} right" in words_on(at) and states(at) == ["wrong"] * len(ALL)
    button(at, "Take it again").click().run()

    assert not at.exception and quiz.read(own).attempt == 2 and states(at) == ["open"] * len(ALL)


def test_a_reload_finds_the_answer_that_was_being_read(own):
    """What was said to it stays until the next question is asked for."""
    choose(tab(), wrong(ALL[0]))

    assert "It comes back once" in words_on(tab())


def test_in_the_past_nothing_is_answered(own):
    """The button says where one can."""
    at = tab(at="3")

    assert not at.exception and button(at, "Back to today to answer").disabled
