"""The panel of stop 7, which happens in a chapter: questions with replies of their own, and history that opens behind one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.base.errors import RefusedError
from playground import course, folders
from playground.course import acts
from playground.ui.kit import session
from tests.screens import button, config, drawn_on, open_page, words_on, write

STOP = "rollback"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """An own workspace with its chapter, just opened."""
    ws = Workspace.open(tmp_path_factory.mktemp("march") / "workspace")
    course.start(ws, STOP)
    return ws.path


@pytest.fixture
def own(prepared, tmp_path, monkeypatch) -> Workspace:
    """A copy of both."""
    ws = Workspace.open(prepared).fork(tmp_path / "workspace")
    Workspace.open(course.chapters_folder(Workspace.open(prepared)) / STOP).fork(course.chapters_folder(ws) / STOP)
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


def answered(at, value: str):
    """Choose an answer and give it."""
    at.radio(key=f"panel.answer.{STOP}.live").set_value(value).run()
    label = next(one.label for one in at.button if one.label.startswith("Answer"))
    return button(at, label).click().run()


def history(at) -> bool:
    return "History opens once you have answered, from the list." not in words_on(at)


def test_a_chapter_has_a_config_of_its_own_beside_the_draft_of_the_own_work(own):
    """Neither overwrites the other, and what was edited elsewhere makes no run of the chapter stale."""
    mine, theirs = "model: {type: dummy}\n", "model: {type: ridge}\n"
    draft = f"{session.DRAFT.key}@{STOP}"
    write(open_page("train"), mine)
    at = open_page("train", **{"in": STOP})
    assert at.session_state[draft] != mine and "config:edited" not in str(drawn_on(at, "chain"))

    at.session_state[draft] = theirs
    at.run()
    assert config(open_page("train")) == mine
    assert open_page("train", **{"in": STOP}).session_state[draft] == theirs


def test_each_wrong_answer_gets_its_own_reply_and_history_opens_with_the_first(own):
    """What was misread is said; the list is there to find the answer in, and the line of time once one was given."""
    at = open_page("release", **{"in": STOP})
    assert not at.exception and not history(at)
    assert at.dataframe and "Ask about a moment" not in words_on(at)
    asked = course.stop(STOP).mission.questions[0]
    answered(at, asked.options[-1].id)
    at = open_page("release", **{"in": STOP})
    assert at.radio(key=f"panel.answer.{STOP}.live").value == asked.options[-1].id  # what was said stands there
    assert asked.options[-1].reply in words_on(at).replace("\\", "")
    for option in asked.options[-2::-1]:
        answered(at, option.id)
        assert not at.exception and history(at)
        assert option.reply in words_on(at).replace("\\", "")

    assert "told" in course.read(own).stops[STOP].latched
    assert "Replay c2403-0078" in words_on(at).replace("\\", "")


def test_questions_come_before_the_guess_and_the_guess_before_the_rest(own):
    """One thing at a time: nobody is asked about the rollback before they know what was live."""
    at = open_page("release", **{"in": STOP})
    assert "Which version was in production" in words_on(at) and "already sent" not in words_on(at)
    course.answer(own, STOP, "live", "1.1.0")
    at.run()
    assert "Replay c2403" in words_on(at) and "already sent" not in words_on(at)


def test_in_the_own_work_the_stop_leads_into_its_chapter(own):
    """And nothing of the chapter is shown there."""
    at = open_page("data")
    assert "happens in a chapter beside your work" in words_on(at)
    button(at, "Open the chapter").click().run()

    assert at.query_params["in"] in (STOP, [STOP]) and "Chapter: 15 March" in words_on(at).replace("\\", "")


def test_solved_asks_for_a_sentence_for_the_boss_and_answers_it(own):
    """Choosing the wrong one is no failure: the boss says what is missing, and one can choose again."""
    chapter = course.workspace(own, STOP)
    course.carry_out(chapter, course.stop(STOP).mission.solution)
    for question, value in course.read(chapter).stops[STOP].answers.items():
        course.answer(own, STOP, question, value)
    course.waive(own, STOP)
    at = open_page("release", **{"in": STOP})
    assert "Solved" in words_on(at)
    boss = course.stop(STOP).mission.boss
    for option in boss.options:
        at.radio(key=f"panel.boss.{STOP}").set_value(option.id).run()
        button(at, "Say it").click().run()
        assert option.reply in words_on(at).replace("\\", "")


@pytest.mark.parametrize("page", ["start", "release", "guide"])
def test_a_copy_to_play_with_has_its_chapters(own, page):
    """The stop that is under way goes on there, in a chapter of the copy's own."""
    copy = Workspace.open(folders.fork(own))
    at = open_page(page, copy="1")
    assert not at.exception
    assert course.workspace(copy, STOP).path.parent == course.chapters_folder(copy)
    assert course.read(copy).current == STOP and not course.check(copy, STOP).ok


@pytest.mark.parametrize("solved", [False, True], ids=["under way", "solved"])
def test_a_chapter_that_somebody_removed_breaks_no_page(own, solved):
    """The stop can begin again; what was solved stays solved."""
    if solved:
        acts.carry_out(course.workspace(own, STOP), course.stop(STOP).mission.solution)
        course.record(own, STOP)
    shutil.rmtree(course.chapters_folder(own))

    for page in ("start", "release", "guide"):
        assert not open_page(page).exception
    progress = course.read(own)
    assert (progress.current, progress.stops[STOP].status) == (None, "solved" if solved else "open")
    with pytest.raises(RefusedError, match="Stop 7 has not begun|chapter of stop 7 is not here"):
        course.check(own, STOP)
    assert course.start(own, STOP).chapter == STOP and course.read(own).current == STOP
