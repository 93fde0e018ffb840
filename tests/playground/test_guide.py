"""The guide: eight stops and how far one is, and checklists that tick for what the learner really did."""

from __future__ import annotations

import pytest

from mlops import Workspace
from playground import checklists, course, quiz
from playground.acts import Acts
from playground.course import logbook
from playground.course.people import JO, RUN_THE_CHAIN
from playground.stones import as_text, stones
from tests.screens import build_the_chain, button, open_page, words_on

CONFIG = "model: {type: dummy}\n"


@pytest.fixture
def own(tmp_path, customers_csv) -> Workspace:
    """A workspace in which everything there is was made by the button, and by a colleague."""
    ws = Workspace.open(tmp_path / "workspace", actor=RUN_THE_CHAIN)
    build_the_chain(ws)
    jo = Workspace.open(ws.path, actor=JO)
    jo.datasets.add(customers_csv, name="others", target="churn", message="from Jo")
    return Workspace.open(ws.path, actor="ada")


def ticks(ws: Workspace) -> dict[str, int]:
    """Return each line that is verified, with the event that verifies it."""
    lines = [pair for name in checklists.CHECKLISTS for pair in checklists.verdicts(ws, name, Acts())]
    return {line.text: verdict.event for line, verdict in lines if verdict.status == "verified"}


def test_what_a_button_or_a_colleague_did_ticks_nothing(own):
    """Five green ticks for what somebody did not do are five lies."""
    assert ticks(own) == {}


def test_an_own_act_ticks_its_line_and_names_its_event(own):
    """The number is that of the event with which the learner did it, whoever ended the work."""
    run = own.train(CONFIG, data="others@1")
    found = ticks(own)
    begun = next(event["seq"] for event in own.log() if event["subject"] == run.run_id)

    assert found["Chance has a seed"] == found["Experiments are logged"] == begun
    assert "Data has versions" not in found and "Models have versions and metadata" not in found
    model = own.models.register(run, "others_model")
    own.deploy(model, "staging", "rehearsal")
    assert "I understood the life cycle of a model" not in ticks(own)
    own.deploy(model, "production", "ours", override="a dummy, on purpose")
    assert {"Models have versions and metadata", "I understood the life cycle of a model"} <= ticks(own).keys()


def done(ws: Workspace) -> dict[str, checklists.Verdict]:
    return {line.text: verdict for line, verdict in checklists.verdicts(ws, "Done", Acts())}


def solve(ws: Workspace, *stops: str, status: str = "solved") -> None:
    """Note what solving them notes."""
    for stop in stops:
        logbook.write(ws, stop, status=status, baseline={"event": 0, "head_sha256": ""})


def test_the_life_cycle_asks_for_a_stop_of_each_phase(ws):
    """One that was skipped was seen, and not solved."""
    line = "I understood the life cycle of a model"
    solve(ws, "notebook", "compare", "promote")
    solve(ws, "rollback", status="skipped")
    assert done(ws)[line] == checklists.Verdict(
        "open", "Nothing of phase 4, Production, is solved yet; stop 6 is part of it.", tab="Stops"
    )
    solve(ws, "rollback", status="with_hints")

    assert done(ws)[line].evidence == "Solved in all four phases: stop 1, stop 4, stop 5, stop 7"


def test_a_line_of_several_things_names_the_one_that_is_missing(ws):
    """And leads to where it is done."""
    solve(ws, "notebook", "freeze")
    found = done(ws)
    explored, versions = found["I explored the playground"], found["I know how to version code, data and models"]

    assert (explored.status, explored.evidence) == ("open", "Experiments: solve stop 4, Like with like")
    assert (versions.status, versions.tab) == ("open", "Your project") and versions.evidence.startswith("Code: ")
    solve(ws, "compare")
    assert done(ws)["I explored the playground"].evidence == "Pipeline: not run yet, in your project"
    assert done(ws)["I understood experiment tracking"].status == "verified"


def test_the_quiz_is_a_line_once_it_is_passed(ws):
    """With the event of the answer that passed it."""
    assert done(ws)["I passed the quiz"].evidence == quiz.read(ws).said()
    for one in quiz.questions():
        quiz.answer(ws, one.id, one.answer)
    found, many = done(ws)["I passed the quiz"], len(quiz.questions())

    assert (found.status, found.evidence, found.event) == ("verified", f"{many} of {many} right", quiz.read(ws).event)


def test_the_notebook_lab_is_a_line_once_it_signed_here(ws):
    """Where it ran on another machine nothing can tell, so the learner does."""
    line = "I completed the notebook lab"
    assert done(ws)[line].status == "yours"
    ws.journal.write("notebook_lab", {"folder": str(ws.path), "event": 1, "sha256": "another"})

    assert (done(ws)[line].status, done(ws)[line].event) == ("open", ws.head())


def test_an_open_line_leads_to_the_tab_where_it_is_done(empty):
    """The quiz and the stops are on the same page."""
    at = open_page("guide", part="Done")
    at.button(key="guide.to.I passed the quiz").click().run()

    assert not at.exception and at.session_state["part"] == "Quiz"


def test_acts_are_read_as_they_come(own):
    """Whoever asks again reads the events that came since, and gets the same as whoever asks for the first time."""
    acts = Acts()
    acts.newest(own)
    own.train(CONFIG, data="others@1")

    assert acts.newest(own) == Acts().newest(own)


def test_the_stones_say_how_far_one_is(own):
    """All eight, in their order."""
    course.start(own, "notebook")
    said = as_text(stones(course.read(own)))

    assert said.startswith("1 The notebook says 0.988: under way > 2 Freeze the data: not begun")
    assert "6 One or many: not begun" in said and said.endswith("8 The world moves: not begun")


def test_a_stop_is_begun_in_the_guide_and_gone_on_with(empty):
    """The button leads to the screen of its first act."""
    at = open_page("guide")
    assert at.button(key="guide.begin.notebook").label == "Start"
    at.button(key="guide.begin.notebook").click().run()

    assert not at.exception and course.read(Workspace.open(empty)).current == "notebook"
    assert at.title[0].value.startswith("It works in your notebook")
    assert open_page("guide").button(key="guide.begin.notebook").label == "Go on"


def test_a_stop_that_was_solved_is_begun_again_only_after_a_question(empty):
    """A click by mistake takes nothing away."""
    ws = Workspace.open(empty)
    course.start(ws, "notebook")
    course.carry_out(ws, course.stop("notebook").mission.solution)
    course.record(ws, "notebook")
    at = open_page("guide")
    button(at, "Begin it again").click().run()
    assert course.read(ws).stops["notebook"].status == "solved"
    at.button(key="guide.again.notebook.yes").click().run()

    assert not at.exception and course.read(ws).stops["notebook"].status == "under_way"


def test_the_guide_lists_eight_stops_under_four_phases_with_goal_and_exit(empty):
    """What a stop teaches is said before it begins."""
    said = words_on(open_page("guide"))

    for stop in course.STOPS:
        assert f"**{stop.number} " in said
    assert "4 Production" in said and "Goal: value that lasts" in said
    assert "You learn chain of versions" in said and "You learn batch, REST" in said
