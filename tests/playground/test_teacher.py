"""The teacher's page, and what a learner sees of what is decided there."""

from __future__ import annotations

import asyncio

import pytest
import streamlit as st

import app
from mlops import Workspace
from playground import course, folders, seats
from playground.classroom import book, secret, together
from playground.course import logbook
from playground.ui.kit import stops
from tests.screens import button, drawn_on, open_page, words_on


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A class in which Ada and Ben have a seat."""
    path = tmp_path / "room"
    monkeypatch.setenv("MLOPS_WORKSPACES", str(path))
    for name in ("Ada", "Ben"):
        seats.call(path, seats.take(path), name)
    return path


@pytest.fixture
def keys(room):
    """The keys of the seats by name."""
    return {seats.sitter(room, seat.name).name: seat.name for seat in book.seats(room)}


def seat(room, keys, name) -> Workspace:
    """Return the workspace of somebody."""
    return Workspace.open(room / keys[name], create=False, actor=name)


@pytest.fixture(scope="module")
def chained(tmp_path_factory):
    """A workspace in which stop 1 began and its chain was run."""
    ws = Workspace.open(tmp_path_factory.mktemp("chained") / "workspace")
    course.start(ws, "notebook")
    course.carry_out(ws, course.stop("notebook").mission.solution[:1])
    return ws.path


def teach(room, **query):
    """Open the teacher's page by the link on the console."""
    return open_page("teacher", key=secret.key(room), **query)


@pytest.mark.parametrize("query", [{}, {"key": "a" * 32}, {"key": ""}])
def test_without_the_key_there_is_no_such_page(room, query):
    """A visitor who guesses the address is a visitor: at the way in, with a seat, and told nothing of the class."""
    secret.key(room)
    at = open_page("teacher", **query)
    assert at.title[0].value != "Your class" and "Ada" not in words_on(at) and not at.exception
    assert len(book.seats(room)) == 3


def test_outside_a_class_there_is_no_such_page_whatever_the_key(tmp_path, monkeypatch):
    """A learner alone has no class to look at."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "workspace"))
    assert open_page("teacher", key=secret.key(tmp_path)).title[0].value != "Your class"


def test_who_has_the_key_sees_the_class_and_takes_no_seat(room, keys):
    """The key goes out of the address at once: a projector would show it to everybody."""
    course.start(seat(room, keys, "Ada"), "notebook")
    at = teach(room)
    wall = drawn_on(at, "class_wall")
    assert at.title[0].value == "Your class" and not at.exception and "key" not in at.query_params
    assert [tile["said"] for tile in wall["tiles"]] == ["Ada: stop 1, 0 of 3 goals, guess not given yet", "Ben: at no stop"]  # fmt: skip
    assert len(book.seats(room)) == 2 and not any(key in str(wall) for key in keys.values())
    assert at.run().title[0].value == "Your class"  # also without the key in the address


def test_the_link_is_on_the_console_of_a_class_and_of_nobody_else(room, capsys, monkeypatch):
    """With the port that the server has."""

    async def begin() -> str:
        async with app._told(app.app):
            return capsys.readouterr().out

    assert asyncio.run(begin()).count(f"/teacher?key={secret.key(room)}") == 1  # it answers this machine alone
    monkeypatch.setenv("MLOPS_HOSTS", "class-pc")
    monkeypatch.setattr(app, "is_loopback", lambda address: False)
    assert f"At another machine: http://class-pc:8501/teacher?key={secret.key(room)}" in asyncio.run(begin())
    monkeypatch.delenv("MLOPS_WORKSPACES")
    assert asyncio.run(begin()) == ""


def test_one_click_brings_everybody_and_the_next_holds_the_reveal(room, keys):
    """The page is about the stop where most are, until another one is chosen."""
    for name in keys:
        course.start(seat(room, keys, name), "notebook")
    at = teach(room)
    button(at, "Bring everyone here").click().run()
    assert [one.value for one in at.toast] == ["Every screen asks to come to stop 1 now\\."] and not at.exception
    button(at, "Hold the reveal").click().run()
    assert book.read(room).held == ("notebook/found",)
    button(at, "Open the reveal").click().run()
    assert not book.read(room).held and not at.exception


def test_where_all_have_guessed_holding_is_refused_on_the_page(room, keys):
    """It says so, and nothing is held for ever."""
    ada = seat(room, keys, "Ada")
    course.start(ada, "notebook")
    course.guess(ada, "notebook", 60)
    at = teach(room)
    button(at, "Hold the reveal").click().run()
    assert "Everybody who takes part has guessed here" in at.error[0].value and not book.read(room).held


def test_guesses_are_drawn_and_what_is_right_only_where_it_is_asked_for(room, keys):
    """The projector has a button of its own."""
    ada = seat(room, keys, "Ada")
    course.start(ada, "rollback")
    course.guess(ada, "rollback", "all", "sent")
    at = teach(room, **{"teacher.part": "Guesses"})
    at.session_state["teacher.part"] = "Guesses"
    at.run()
    assert [bar["right"] for bar in drawn_on(at, "class_given")["bars"]] == [False, False]
    at.toggle(key="teacher.right").set_value(True).run()
    assert [bar["right"] for bar in drawn_on(at, "class_given")["bars"]] == [False, True]
    assert not book.read(room).told
    button(at, "To the projector").click().run()
    assert book.read(room).shown == "rollback/sent"
    assert drawn_on(teach(room, show="projector"), "class_given")["large"]


def test_the_projector_shows_the_chain_of_one_seat_and_no_name_unless_it_is_wanted(room, keys):
    """Of the chapter that is on there; before that the address to come in by."""
    assert "2 have a seat" in words_on(teach(room, show="projector"))
    course.start(seat(room, keys, "Ada"), "rollback")
    book.change(room, spotlight=keys["Ada"])
    at = teach(room, show="projector")
    assert "v1.7.0" in str(drawn_on(at, "chain")) and not at.exception
    assert at.header[0].value == "One chain of this class"
    book.change(room, named=True)
    assert teach(room, show="projector").header[0].value == "The chain of Ada"


def test_no_key_of_a_seat_stands_on_the_wall_where_its_work_cannot_be_read(room, keys):
    """An error names the folder, the folder is named by the key, and who has the key sits there."""
    book.change(room, spotlight=keys["Ada"])
    (room / keys["Ada"] / "ledger.db").write_bytes(b"no ledger")
    at = teach(room, show="projector")
    assert "cannot be read" in at.info[0].value and not at.exception
    assert keys["Ada"] not in words_on(at) and keys["Ada"] not in str(drawn_on(teach(room), "class_wall"))


@pytest.mark.parametrize("tab", ["Answer key", "Stops and pages", "Files"])
def test_every_tab_is_drawn(room, tab):
    """Also of a class in which nothing was done yet."""
    at = teach(room)
    at.session_state["teacher.part"] = tab
    assert not at.run().exception


def test_everybody_s_file_is_offered_once_it_is_packed(room, keys, monkeypatch):
    """Reading thirty seats takes seconds: the page says how many are read, and offers what came of it."""
    told = []
    monkeypatch.setattr(
        st.delta_generator.DeltaGenerator, "progress", lambda bar, share, text: told.append(text) or bar
    )
    course.start(seat(room, keys, "Ada"), "rollback")
    at = teach(room)
    at.session_state["teacher.part"] = "Files"
    at.run()
    assert not at.get("download_button")
    button(at, "Pack everybody's file").click().run()
    assert [one.label for one in at.get("download_button")] == ["Everybody's file"] and not at.exception
    assert told == ["0 of 2", "1 of 2"]


def test_two_teachers_who_open_stops_undo_nothing_of_each_other(room, keys):
    """A page that is older than what the other one decided changes what was clicked there, and nothing else."""
    at = teach(room)
    at.session_state["teacher.part"] = "Stops and pages"
    at.run()
    stops_, pages = (
        next(one for one in at.get("button_group") if one.key == key) for key in ("teacher.stops", "teacher.pages")
    )
    book.change(room, stops=("notebook", "freeze"), hidden=("monitor",))
    stops_.set_value([one.id for one in course.EVERY if one.id not in ("freeze", "serve")]).run()
    assert book.read(room).stops == ("notebook",)  # both closed the same one, and it stays closed
    pages.set_value(["data", "train"]).run()
    assert {*book.read(room).hidden} == {"compare", "release", "predict", "monitor"} and not at.exception


def test_a_hold_on_what_nobody_is_awaited_for_any_more_ends_where_a_teacher_looks(room, keys):
    """The last one started over: no guess of theirs will let it go."""
    for name in keys:
        course.start(seat(room, keys, name), "notebook")
    together.hold(room, "notebook", "found")
    course.guess(seat(room, keys, "Ada"), "notebook", 60)
    folders.start_over(seat(room, keys, "Ben"))
    assert course.reveal(seat(room, keys, "Ada"), "notebook").held
    teach(room)
    assert not book.read(room).held


def test_a_projector_that_shows_what_is_not_there_any_more_says_nothing(room):
    """Another version of the course, or a hand that wrote in the book."""
    book.change(room, shown="nowhere/pin")
    assert not teach(room, show="projector").exception


def test_stops_are_opened_and_screens_left_out_with_one_click_each(room, keys):
    """A learner cannot begin what is not open; the navigation shows what is left."""
    at = teach(room)
    at.session_state["teacher.part"] = "Stops and pages"
    at.run()
    first, second = (group for group in at.get("button_group"))
    first.set_value(["notebook", "freeze"]).run()
    assert book.read(room).stops == ("notebook", "freeze")
    next(one for one in at.get("button_group") if one.key == "teacher.pages").set_value(["data"]).run()
    assert book.read(room).hidden == ("train", "compare", "release", "predict", "monitor")
    assert not at.exception and second is not None


# A learner


def test_a_learner_reads_that_the_class_sees_the_result_together(room, keys):
    """It was guessed, and stays covered: on Release, in the panel, wherever it would stand."""
    for name in ("Ada", "Ben"):
        course.start(seat(room, keys, name), "compare")
    together.hold(room, "compare", "best")
    course.guess(seat(room, keys, "Ada"), "compare", "unsure", "best")
    at = open_page("compare", ws=keys["Ada"], **{"in": "compare"})
    assert stops.HELD in words_on(at) and "cheat sheet" not in words_on(at) and not at.exception
    course.guess(seat(room, keys, "Ben"), "compare", "sure", "best")
    assert stops.HELD not in words_on(at.run()) and "as honest as the columns" in words_on(at)


def test_a_drawn_year_that_is_held_lets_no_month_pass(room, keys):
    """The months would tell it."""
    for name in ("Ada", "Ben"):
        course.start(seat(room, keys, name), "year")
    together.hold(room, "year", "line")
    course.guess(seat(room, keys, "Ada"), "year", [820] * 12, "line")
    at = open_page("monitor", ws=keys["Ada"], **{"in": "year"})
    assert stops.HELD in words_on(at) and "Play" not in [one.label for one in at.button]
    course.guess(seat(room, keys, "Ben"), "year", [800] * 12, "line")
    assert "Play" in [one.label for one in at.run().button] and not at.exception


def test_who_is_brought_is_asked_and_goes_there_with_one_click(room, keys):
    """What somebody was doing is not taken from their hands; whoever says not yet is not asked again."""
    at, other = open_page("data", ws=keys["Ada"]), open_page("data", ws=keys["Ben"])
    together.bring_everyone(room, "rollback")
    assert course.read(seat(room, keys, "Ada")).current is None  # until its learner says so
    assert "Your class is at **stop 7**" in words_on(at.run())
    button(at, "Go there").click().run()
    assert "rollback" in at.query_params["in"] and "Your class is at" not in words_on(at)
    button(other.run(), "Not yet").click().run()
    assert "Your class is at" not in words_on(other) and "in" not in other.query_params
    assert "Your class is at" not in words_on(open_page("data", ws=keys["Ben"]))  # nor in another tab, or tomorrow
    together.bring_everyone(room, "rollback")
    assert "Your class is at" in words_on(other.run()) and "Your class is at" not in words_on(at.run())


def test_what_is_held_covers_nothing_in_the_chapter_of_another_stop(room, keys):
    """Its runs are others: whoever goes on is not in the dark."""
    for name in keys:
        course.start(seat(room, keys, name), "notebook")
    course.start(seat(room, keys, "Ada"), "rollback")
    together.hold(room, "notebook", "found")
    there = course.workspace(seat(room, keys, "Ada"), "rollback")
    run = there.models.get("churn_model@1.1.0").run_id
    at = open_page("run", ws=keys["Ada"], id=run, **{"in": "rollback"})
    metrics = {one.label.casefold(): one.value for one in at.metric}
    assert any("recall" in label for label in metrics) and not any("guess first" in value for value in metrics.values())


@pytest.mark.parametrize("solved", [False, True])
def test_who_was_there_and_goes_on_is_not_asked_back(room, keys, solved):
    """Neither who was at the stop when the class came, nor who had it behind them."""
    ada = seat(room, keys, "Ada")
    course.start(ada, "notebook")
    if solved:
        logbook.write(ada, "notebook", status="solved")
        course.start(ada, "freeze")
    together.bring_everyone(room, "notebook")
    assert "Your class is at" not in words_on(open_page("data", ws=keys["Ada"]))
    course.start(ada, "freeze")
    assert "Your class is at" not in words_on(open_page("data", ws=keys["Ada"]))


def test_what_is_held_stays_covered_for_who_leaves_the_tour_or_goes_on(room, keys, chained):
    """On Start and wherever else it would stand, until the last one has said something."""
    for name in keys:
        (room / keys[name]).rename(room.parent / name)
        Workspace.open(chained).fork(room / keys[name])
    course.guess(seat(room, keys, "Ada"), "notebook", 60)
    assert "Finds **56**" in words_on(open_page("start", ws=keys["Ada"]))
    together.hold(room, "notebook", "found")
    for leave in (lambda ws: None, course.leave, lambda ws: course.start(ws, "freeze")):
        leave(seat(room, keys, "Ada"))
        assert "Finds **56**" not in words_on(open_page("start", ws=keys["Ada"]))
    course.waive(seat(room, keys, "Ben"), "notebook")
    assert "Finds **56**" in words_on(open_page("start", ws=keys["Ada"]))


def test_a_stop_that_is_not_open_has_no_button_to_begin_it(room, keys):
    """It says who opens it."""
    book.change(room, stops=("notebook",))
    at = open_page("guide", ws=keys["Ada"])
    assert words_on(at).count("Your teacher opens it") == len(course.STOPS) - 1
    assert [one.label for one in at.button].count("Start") == 1


def test_a_stop_that_is_left_out_for_everybody_is_passed_over(room, keys):
    """The plan of 35 minutes: after stop 5 the next button leads to stop 7."""
    book.change(room, stops=tuple(one.id for one in course.EVERY if one.id != "serve"))
    ada = seat(room, keys, "Ada")
    for one in course.STOPS:
        if one.number < 5:
            logbook.write(ada, one.id, status="solved")
    course.start(ada, "promote")
    logbook.write(ada, "promote", status="skipped")
    at = open_page("release", ws=keys["Ada"], **{"in": "promote"})
    assert not button(at, f"Next: {course.stop('rollback').title}").disabled
    book.change(room, stops=())
    assert button(at.run(), f"Next: {course.stop('serve').title}").disabled
