"""The teacher's page, and what a learner sees of what is decided there."""

from __future__ import annotations

import asyncio

import pytest

import app
from mlops import Workspace
from playground import course, seats
from playground.classroom import book, secret, together
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

    assert f"/teacher?key={secret.key(room)}" in asyncio.run(begin())
    monkeypatch.delenv("MLOPS_WORKSPACES")
    assert asyncio.run(begin()) == ""


def test_one_click_brings_everybody_and_the_next_holds_the_reveal(room, keys):
    """The page is about the stop where most are, until another one is chosen."""
    course.start(seat(room, keys, "Ada"), "notebook")
    at = teach(room)
    button(at, "Bring everyone here").click().run()
    assert [one.value for one in at.toast] == ["2 are at stop 1 now\\."] and not at.exception
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


@pytest.mark.parametrize("tab", ["Answer key", "Stops and pages", "Files"])
def test_every_tab_is_drawn(room, tab):
    """Also of a class in which nothing was done yet."""
    at = teach(room)
    at.session_state["teacher.part"] = tab
    assert not at.run().exception


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
    assert "Your class is at **stop 7**" in words_on(at.run())
    button(at, "Go there").click().run()
    assert "rollback" in at.query_params["in"] and "Your class is at" not in words_on(at)
    button(other.run(), "Not yet").click().run()
    assert "Your class is at" not in words_on(other) and "in" not in other.query_params


def test_a_stop_that_is_not_open_has_no_button_to_begin_it(room, keys):
    """It says who opens it."""
    book.change(room, stops=("notebook",))
    at = open_page("guide", ws=keys["Ada"])
    assert words_on(at).count("Your teacher opens it") == len(course.STOPS) - 1
    assert [one.label for one in at.button].count("Start") == 1
