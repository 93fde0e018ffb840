"""Labs: the engine of the stops without a guide, on every screen and in the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.base.errors import RefusedError
from playground import course
from playground.course import budget
from tests.screens import button, open_page, unfold, words_on
from tests.shell import Shell

LAB = "lie"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A folder with an own workspace, in which a lab has begun, and its chapter beside it."""
    folder = tmp_path_factory.mktemp("lab")
    course.start(Workspace.open(folder / "workspace", actor="ada"), LAB)
    return folder


@pytest.fixture
def own(prepared, tmp_path, monkeypatch) -> Workspace:
    """A copy of both."""
    shutil.copytree(prepared, tmp_path / "learner")
    ws = Workspace.open(tmp_path / "learner" / "workspace", create=False, actor="ada")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


def solve(ws: Workspace) -> None:
    course.waive(ws, LAB)
    course.carry_out(course.workspace(ws, LAB), course.stop(LAB).mission.solution)
    course.record(ws, LAB)


def test_the_module_has_these_labs():
    """Seven, and one more for who wants to see the audit log fail."""
    assert {lab.id for lab in course.LABS} == {
        *("machine", "copy", "repeat", "stale", "configs", "gate", "production"),
        "lie",
    }


def test_a_lab_is_one_file_of_its_name_in_each_place():
    """Whoever looks for a check, an act or a mutant needs no list; two have the name of a noun of the core, so another."""
    labs, places = {lab.id for lab in course.LABS}, Path(course.__file__).parent
    called = labs - {"configs", "production"} | {"drifted", "to_production"}
    modules = {place: {one.stem for one in (places / place).glob("[!_]*.py")} for place in ("checks", "labs")}
    assert called <= modules["checks"] and modules["labs"] == called
    assert {one.stem for one in Path(__file__).with_name("course").joinpath("labs").glob("[!_]*.py")} == labs


def test_a_lab_is_called_by_its_title(tmp_path):
    """It has no number, and where a sentence begins with it only its first letter is large."""
    lab = course.stop(LAB)
    assert (lab.called, lab.heading, lab.kind) == ("the lab “Hide a lie”", "The lab “Hide a lie”", "lab")
    with pytest.raises(RefusedError, match="The lab “Hide a lie” has not begun"):
        course.hint(Workspace.open(tmp_path / "workspace"), LAB)


def test_the_command_line_lists_labs_after_the_stops(own):
    """By their ids; what is done with a stop is done with a lab."""
    shell = Shell(own.path)
    listed = shell("course", "list", "--json").document
    assert [one["id"] for one in listed] == [one.id for one in course.EVERY]
    assert [one["number"] for one in listed] == [*range(1, 9)] + [None] * len(course.LABS)
    assert [one["id"] for one in listed if one["current"]] == [LAB]
    assert shell("course", "check", LAB, "--json").code == 1


def test_the_budget_of_a_lab_counts_its_steps_and_the_search():
    """Nothing is listed to be done, so it is counted what has to be done, and a minute for each goal."""
    mission = course.stop(LAB).mission
    one_step_less = mission.model_copy(update={"solution": mission.solution[:-1]})
    one_goal_less = mission.model_copy(update={"goals": mission.goals[:-1]})
    assert budget.seconds(mission) - budget.seconds(one_step_less) == pytest.approx(budget.SECONDS_AN_ACT)
    assert budget.seconds(mission) - budget.seconds(one_goal_less) >= budget.SECONDS_A_GOAL


def test_the_guide_lists_every_lab_with_its_story(own):
    """Whoever chooses one knows what went wrong, and what it teaches."""
    said = words_on(open_page("guide", part="Labs")).replace("\\", "")
    for lab in course.LABS:
        assert f"{lab.title}**" in said and ", ".join(lab.mission.teaches) in said
    assert f"0 of {len(course.LABS)} behind you" in said


def test_below_the_stops_the_guide_leads_to_the_labs(own):
    """Whoever has taken the tour sees what there is after class."""
    at = open_page("guide")
    button(at, "See the labs").click().run()
    assert not at.exception and f"0 of {len(course.LABS)} behind you" in words_on(at)


def test_a_lab_begins_on_the_screen_that_it_names(own):
    """It lists no first act that could say so."""
    at = open_page("guide", part="Labs")
    assert at.button(key=f"guide.begin.{LAB}").label == "Go on"
    at.button(key=f"guide.begin.{LAB}").click().run()
    assert not at.exception and at.title[0].value == "Release"


def test_the_panel_of_a_lab_keeps_its_story_and_has_no_stones(own):
    """The story is all that says what to do, so it stays when something was said; the row of stops is not about it."""
    course.waive(own, LAB)
    at = open_page("release", **{"in": LAB})
    said = words_on(at)
    assert "Lab · 8 minutes" in said and "Somebody wants that forgotten" in said
    assert "stop_goals" in parts(at) and "stepping_stones" not in parts(at)
    unfold(at, "panel.more")
    labels = [one.label for one in at.button]
    assert {"Skip this lab", "Leave the lab", "Show me, on a copy"} <= {*labels} and "Leave the tour" not in labels


def parts(at) -> set[str]:
    return {one.proto.component_name for one in at.get("bidi_component")}


def test_in_a_lab_time_stands_still_by_its_name(own):
    """No month passes in it."""
    assert "In the lab “Hide a lie” time stands still" in words_on(unfold(open_page("data", **{"in": LAB}), "date"))


def test_a_lab_that_was_shown_says_its_steps_in_words(own):
    """They are those of its last hint: a lab lists no acts."""
    shown = course.show_me(own, LAB)
    last = course.stop(LAB).mission.hints[-1].text
    assert shown.steps == (last,) and shown.report.ok
    said = words_on(open_page("release", **{"in": shown.folder.name})).replace("\\", "")
    assert "Shown on a copy" in said and last in said
    assert "A copy on which the lab “Hide a lie” was shown. Nothing here counts." in said


def test_a_solved_lab_leads_to_all_labs(own):
    """They have no order, so none is the next."""
    solve(own)
    at = open_page("release", **{"in": LAB})
    button(at, "See all labs").click().run()
    assert not at.exception and at.title[0].value == "Guide"
    said = words_on(at)
    assert f"1 of {len(course.LABS)} behind you" in said and "Stops" in said


def test_the_situation_names_the_lab(own):
    """A person or an assistant who reads it knows what it is about."""
    assert course.situation(own, LAB).startswith("MLOps playground, lab: Hide a lie\n")
