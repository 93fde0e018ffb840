"""The panel of stops 3, 4 and 5: a spread that is marked, questions after a guess, a shuffle that waits for one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops import Workspace
from playground import course
from playground.course import logbook
from playground.stones import following
from playground.ui.kit.spread import Dot, Spread
from tests.screens import button, open_page, words_on


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Workspace]:
    """Begin a stop in an own workspace that is on screen."""

    def begin(stop: str) -> Workspace:
        ws = Workspace.open(tmp_path / "workspace")
        course.start(ws, stop)
        monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
        return ws

    return begin


def drawn(at, component: str) -> list[dict]:
    """Return what the components of a name draw."""
    found = at.get("bidi_component")
    return [json.loads(one.proto.json) for one in found if one.proto.component_name == component]


def test_a_spread_has_no_dots_before_it_was_marked(begun):
    """Whoever looks into the page finds no answer there; then five dots, on rows of their own and on the same ones."""
    ws = begun("config")
    at = open_page("train", **{"in": "config"})
    [line] = drawn(at, "guess_spread")
    assert (line["dots"], line["guess"], line["made"]) == ([], None, False)
    assert "sits in the exam" not in words_on(at)
    course.guess(ws, "config", [800, 850])
    [line] = drawn(at.run(), "guess_spread")

    assert line["guess"] == [800, 850] and len(line["dots"]) == 5
    assert all(set(dot) == {"name", "own", "same"} for dot in line["dots"])
    assert line["said"].startswith("You said 0.800 to 0.850. Each on other rows: 0.8")
    assert "most of the spread comes from who sits in the exam" in words_on(at)


def test_a_spread_that_nobody_marked_is_shown_without_a_band():
    """The two ends of a guess stand in its sentence only where there was one."""
    dots = (Dot("seed 1", 0.83, 0.822), Dot("seed 2", 0.82, 0.821))
    shown = Spread("Which?", 780, 870, 3, "own rows", "the same rows", None, dots, made=True)
    assert shown.said() == "Own rows: 0.820 to 0.830. The same rows: 0.821 to 0.822."
    assert Spread("Which?", 780, 870, 3, "own", "same").said() == "Which?"


def test_a_guess_before_the_questions_stays_above_them(begun):
    """It is asked first, its answer gives none of theirs away, and each question has its reply."""
    ws = begun("compare")
    at = open_page("compare", **{"in": "compare"})
    assert "Is the best number the best model?" in words_on(at) and "why not?" not in words_on(at)
    course.guess(ws, "compare", "sure")
    said = words_on(at.run()).replace("\\", "")

    assert said.index("without a cheat sheet") < said.index("Ravi's run on the new export: why not?")
    assert "exit_survey" not in said and "easy ones" not in said
    at.radio(key="panel.answer.compare.export").set_value("rows").run()
    button(at, "Answer").click().run()
    assert "What else is new in it?" in words_on(at).replace("\\", "")


def test_a_run_says_what_it_was_warned_of(begun):
    """The fault of the leaky run can be read where the run is looked at, and on Data."""
    ws = begun("compare")
    runs = {run.name: run.run_id for run in course.workspace(ws, "compare").runs.list()}
    told = "exit_survey is known in 1,504 rows"
    for name, page in (("new_export", True), ("november", False)):
        at = open_page("run", id=runs[name], **{"in": "compare"})
        assert (told in words_on(at).replace("\\", "")) == page


def test_the_shuffle_waits_for_the_guess_about_it(begun):
    """The lamps do not: how often it is ahead is what is asked, not whether it passes."""
    ws = begun("promote")
    there = course.workspace(ws, "promote")
    course.carry_out(there, course.stop("promote").mission.solution[:2])
    at = open_page("release", **{"in": "promote"})
    button(at, "Run the release check").click().run()
    assert drawn(at, "six_lamps") and not drawn(at, "luck_shuffle") and "Guess first" in words_on(at)
    course.guess(ws, "promote", 50)
    at.run()

    [shuffled] = drawn(at, "luck_shuffle")
    ahead = sum(gain > 0 for _, _, gain in shuffled["draws"])
    assert f"it is ahead in {ahead}" in words_on(at).replace("\\", "")


def test_whoever_begins_in_the_middle_goes_on_from_there(tmp_path):
    """And comes back to what was left out at the end; in order, it is the order of the tour."""
    ws = Workspace.open(tmp_path / "workspace")
    for name in ("compare", "year"):
        logbook.write(ws, name, status="skipped")
    progress = course.read(ws)
    assert [following(progress, course.stop(name)).id for name in ("freeze", "compare", "year")] == [
        "config", "promote", "notebook",
    ]  # fmt: skip
    assert following(progress).id == "notebook"
