"""The panel of a stop: what it says and does in each state, on whichever screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlops import Workspace
from playground import course
from playground.course.verdict import CHECKS
from playground.place import chapters
from playground.ui.kit import stops
from tests.screens import button, drawn_on, open_page, unfold, words_on

STOP = "notebook"


@pytest.fixture(scope="module")
def chained(tmp_path_factory) -> Path:
    """A workspace in which stop 1 began and its chain was run."""
    ws = Workspace.open(tmp_path_factory.mktemp("chained") / "workspace")
    course.start(ws, STOP)
    course.carry_out(ws, course.stop(STOP).mission.solution[:1])
    return ws.path


@pytest.fixture
def begun(empty) -> Workspace:
    """An own workspace in which stop 1 has just begun."""
    ws = Workspace.open(empty)
    course.start(ws, STOP)
    return ws


@pytest.fixture
def run(chained, empty) -> Workspace:
    """An own workspace in which the chain was run, and nothing guessed."""
    return Workspace.open(chained).fork(empty)


@pytest.fixture
def solved(run) -> Workspace:
    """An own workspace in which stop 1 was solved."""
    course.guess(run, STOP, 80)
    ask(run)
    course.record(run, STOP)
    return run


def ask(ws: Workspace) -> None:
    """Do what is left of stop 1."""
    course.carry_out(ws, course.stop(STOP).mission.solution[1:])


def status(ws: Workspace) -> str:
    return course.read(ws).stops[STOP].status


def buttons(at) -> list[str]:
    return [one.label for one in at.button if one.key and one.key.startswith("panel.")]


@pytest.mark.parametrize("name", ["start", "data", "release", "guide"])
def test_without_a_stop_there_is_no_panel(empty, name):
    """Whoever just plays is asked nothing."""
    assert buttons(open_page(name)) == []


@pytest.mark.parametrize("name", ["start", "data", "train", "release", "predict", "monitor", "guide"])
def test_a_stop_under_way_stands_beside_every_screen(begun, name):
    """Title, story and guess are there, whatever is done meanwhile."""
    at = open_page(name)

    assert not at.exception
    assert {"Stop 1 · 5 minutes", "The notebook says 0.988"} <= set(words_on(at).splitlines())
    assert "Of 100 customers who will leave" in words_on(at)


def test_a_guess_comes_first_and_is_made_once(begun):
    """The goals wait behind it; what was said stays said."""
    at = open_page("start")
    assert "Needed" not in words_on(at) and not {"Check", "Hint"} & set(buttons(at))
    assert not any(mark["text"] for mark in drawn_on(at, "stop_goals")["marks"])  # they would give it away
    course.guess(begun, STOP, 80)
    said = words_on(at.run())

    assert all(mark["text"] for mark in drawn_on(at, "stop_goals")["marks"])
    assert "You said 80" in said and "The answer comes with the goals below" in said
    assert "Needed" in said and "Show it without a guess" not in buttons(at)


def test_a_guess_can_be_waived(run):
    """Then the result is shown, and nobody is told that they guessed wrong."""
    at = open_page("data")
    assert "it finds" not in words_on(at)
    button(at, "Show it without a guess").click().run()

    assert re.search(r"You made no guess; it finds \d+", words_on(at))
    assert course.read(run).stops[STOP].waived == ("found",)


@pytest.mark.parametrize("name", ["start", "run", "model"])
def test_what_is_to_be_guessed_is_covered_wherever_it_would_stand_until_it_was(run, name):
    """On Start, in the metrics of a run, in the document of a model."""
    asked = {"id": run.runs.list()[0].run_id, "ref": "churn_model@1.0.0"}

    def shown() -> str:
        at = open_page(name, **asked)
        if name == "model":
            at.session_state["model.tabs"] = "JSON"
            at.run()
        return " ".join([words_on(at), *(one.value for one in [*at.metric, *at.get("json")])])

    told = {"run": "0.584", "model": '"recall": 0.55', "start": "Finds **56**"}[name]
    assert told not in shown()
    course.waive(run, STOP)

    assert told in shown()


NOWHERE = {
    ("freeze", "pin"): "What differs is where it is found out: that is what the guess leads to.",
    (
        "freeze",
        "flips",
    ): "It is about December's customers; What differs counts the rows that the two runs were judged on.",
    ("config", "spread"): "No screen trains five seeds; the panel draws them after the guess.",
    ("compare", "best"): "An opinion: nothing is computed.",
    ("rollback", "sent"): "It is so in the world, and stands on no screen.",
}
"""Guesses whose result stands on no screen before the panel tells it, and why."""


def test_what_every_guess_is_about_is_covered_where_it_would_stand():
    """A new one has a cover, or a reason why it needs none; and each cover is one of a guess or question that is there."""
    asks = {(one.id, asked.id) for one in course.EVERY for asked in one.mission.asks}
    questions = {(one.id, asked.id) for one in course.EVERY for asked in one.mission.questions}
    covered = {*stops.COVERS.values()}
    assert all(one.mission.asks for one in course.EVERY), "each asks before it shows"
    assert asks - covered == {*NOWHERE} and covered <= asks | questions


def test_the_chain_does_not_tell_either_what_the_run_came_to(run):
    """Its run says "guess first" until somebody did."""

    def chain() -> str:
        return next(one.proto.json for one in open_page("data").get("bidi_component") if '"nodes"' in one.proto.json)

    assert "AUC 0." not in chain() and "guess first" in chain()
    course.waive(run, STOP)

    assert "AUC 0." in chain() and "guess first" not in chain()


def test_a_goal_that_fails_says_what_is_there_what_is_needed_why_and_where(begun):
    """Right or wrong alone teaches little."""
    course.waive(begun, STOP)
    [goal, *_] = course.check(begun, STOP).goals
    said = words_on(open_page("data")).replace("\\", "")

    for part in (goal.text, goal.observed, goal.expected, goal.why, goal.where.text):
        assert part in said


def test_goals_tick_by_themselves_after_any_act_anywhere(run):
    """The next rerun of any screen notes what happened, also in a shell; nobody has to ask for it."""
    course.waive(run, STOP)
    at = open_page("monitor")
    assert set(course.read(run).stops[STOP].latched) == {"traced"}
    ask(run)
    at.run()

    assert status(run) == "solved" and "Solved" in words_on(at)


def test_a_look_that_finds_nothing_new_writes_nothing(run):
    """A panel that is drawn ten times leaves no trace of it."""
    at = open_page("data")
    before = run.head()
    at.run()
    at.run()

    assert run.head() == before


def test_solved_is_one_sentence_one_next_button_and_a_question(solved):
    """What was guessed stands beside what is true; the rest is one click away."""
    at = open_page("predict")
    said = words_on(at)

    assert "A model is not a file. It is a chain of versions." in said.replace("\\", "")
    assert "You said 80" in said and "Which parts of the chain" in said
    assert "How you would notice" not in said
    assert "How you would notice" in words_on(unfold(at, "panel.debrief"))


def test_what_was_not_guessed_stays_covered_even_when_the_stop_is_solved(run):
    """Guess first: the question waits, and the result behind it."""
    ask(run)
    at = open_page("start")

    assert status(run) == "solved"
    assert button(at, "Show it without a guess") and not re.search(r"it finds \d", words_on(at))


def test_a_hint_opens_after_a_check_that_failed(begun):
    """Before that it waits; the first one is a question."""
    course.waive(begun, STOP)
    at = open_page("data")
    assert button(at, "Hint").disabled
    button(at, "Check").click().run()
    button(at, "Hint").click().run()

    assert "Which link of the chain is still missing" in words_on(at)
    assert button(at, "Hint").disabled and course.read(begun).stops[STOP].hints == 1


def test_a_stop_solved_with_hints_says_so(run):
    """It counts, and is not called the same."""
    course.record(run, STOP, asked=True)
    course.hint(run, STOP)
    course.guess(run, STOP, 10)
    ask(run)

    assert "Solved with hints" in words_on(open_page("predict"))


def test_show_me_does_it_on_a_copy_and_congratulates_nobody(run):
    """The own work stays as it is, to the byte; the steps are told, and the way back is one click."""
    at, before = open_page("data"), run.head()
    unfold(at, "panel.more")
    button(at, "Show me, on a copy").click().run()

    said = words_on(at)
    assert not at.exception and at.query_params["in"] in ("notebook-shown", ["notebook-shown"])
    assert "Shown on a copy" in said and "1. Run the chain" in said and "Solved" not in said
    assert run.head() == before and status(run) == "demonstrated"
    assert "Leave the tour" not in [one.label for one in at.button]  # the drawer is closed, and hides nothing of it
    button(at, "Now do it yourself").click().run()
    assert "in" not in at.query_params and "Of 100 customers" in words_on(at)


def test_skipping_leads_to_the_end_of_the_stop_in_a_chapter(run):
    """The own work stays as it is."""
    at = open_page("data")
    before = [event for event in run.log() if not event["kind"].startswith("journal")]
    unfold(at, "panel.more")
    button(at, "Skip this stop").click().run()

    assert not at.exception and status(run) == "skipped" and "Skipped" in words_on(at)
    assert [event for event in run.log() if not event["kind"].startswith("journal")] == before
    assert (chapters(run.path) / STOP).is_dir() and at.query_params["in"] in (STOP, [STOP])
    assert "Leave the tour" not in [one.label for one in at.button]


def test_beginning_again_asks_once(solved):
    """The first click asks, the second does it; what the learner made stays."""
    at = open_page("data")
    unfold(at, "panel.more.after")
    button(at, "Begin it again").click().run()
    assert status(solved) == "solved"
    button(at, "Begin again").click().run()

    assert status(solved) == "under_way" and not course.read(solved).stops[STOP].guess
    assert solved.releases.live("production")


def test_leaving_the_tour_takes_the_panel_away_and_keeps_what_is_on_record(run):
    """It can be gone on with from the guide."""
    course.guess(run, STOP, 80)
    at = open_page("data")
    unfold(at, "panel.more")
    button(at, "Leave the tour").click().run()

    assert buttons(at) == [] and course.read(run).stops[STOP].guess == {"found": 80}


def test_a_check_that_is_broken_is_our_fault_and_stops_nobody(run, monkeypatch):
    """The panel says so; the other goals decide."""
    monkeypatch.setitem(CHECKS, "model_traced", lambda ws, baseline: 1 / 0)
    course.guess(run, STOP, 80)
    assert "our fault" in words_on(open_page("data")) and "It does not stop you" in words_on(open_page("data"))
    ask(run)

    assert "Solved" in words_on(open_page("data"))


def test_a_refused_click_is_told_in_the_panel(begun):
    """For example a hint that another tab has opened meanwhile."""
    course.waive(begun, STOP)
    course.record(begun, STOP, asked=True)
    at = open_page("data")
    course.hint(begun, STOP)
    button(at, "Hint").click().run()

    assert not at.exception and "not open yet" in at.error[0].value.replace("\\", "")


def test_a_stop_that_happens_elsewhere_says_so_and_leads_there(run):
    """Here: a chapter is on screen, and the stop is about the own work."""
    run.fork(chapters(run.path) / "freeze")
    at = open_page("data", **{"in": "freeze"})
    assert "about your own work" in words_on(at) and "Needed" not in words_on(at)
    button(at, "Back to mine").click().run()

    assert "in" not in at.query_params and "Of 100 customers" in words_on(at)
