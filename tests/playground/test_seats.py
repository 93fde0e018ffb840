"""Seats: thirty learners at one server, and nobody sees another's work."""

from __future__ import annotations

import os
import time

import pytest

from mlops import MlopsError, Workspace
from playground import seats
from playground.desk import Desk
from tests.screens import button, open_page, unfold, wait_for_trainings, words_on


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A folder of many workspaces."""
    monkeypatch.setenv("MLOPS_WORKSPACES", str(tmp_path / "room"))
    return tmp_path / "room"


def key_of(at) -> str:
    """Return the key that stands in the address."""
    value = at.query_params["ws"]
    return value if isinstance(value, str) else value[0]


def test_every_visitor_gets_an_own_workspace(room):
    """The address tells which; two visitors never share one."""
    first, second = open_page("start"), open_page("start")

    keys = [key_of(at) for at in (first, second)]
    assert keys[0] != keys[1] and sorted(path.name for path in room.iterdir()) == sorted(keys)


def test_an_address_leads_back_to_the_same_workspace(room, customers_csv):
    """A bookmark, another browser, a reload."""
    key = key_of(open_page("start"))
    Workspace.open(room / key).datasets.add(customers_csv, "mine", target="churn")

    assert "mine@1" in str([frame.value for frame in open_page("data", ws=key).dataframe])
    assert "mine@1" not in str([frame.value for frame in open_page("data").dataframe])


@pytest.mark.parametrize("key", ["a" * 20, "../evil", "", "x", "A" * 20, "a" * 20 + "\n"])
def test_a_key_that_nobody_was_given_opens_nothing_and_makes_nothing(tmp_path, key):
    """A guess is not found, a path is no key."""
    (tmp_path / "evil").mkdir()
    with pytest.raises(MlopsError, match="no workspace behind this address"):
        seats.folder(tmp_path / "room", key)
    assert not (tmp_path / "room").exists()


def test_a_guess_on_screen_is_a_card(room):
    """It says what to do, and makes no workspace."""
    at = open_page("start", ws="b" * 20)

    assert "no workspace behind this address" in at.error[0].value and not room.exists()


def test_starting_over_stays_at_the_seat(room):
    """The fresh workspace has the same address."""
    at = open_page("start")
    key = key_of(at)
    at.session_state["menu"] = True
    at.run()
    button(at, "Start over").click().run()
    button(at, "Begin anew").click().run()

    assert key_of(at) == key and (room / f"{key}-kept-1").is_dir()
    assert not at.exception and "Run the chain" in words_on(at)


def test_a_class_has_so_many_seats(room, monkeypatch):
    """Whoever comes later is told so and what to do, and leaves nothing behind; whoever sits goes on."""
    monkeypatch.setenv("MLOPS_SEATS", "2")
    keys = [key_of(open_page("start")) for _ in range(2)]
    late = open_page("start")

    assert "all of its 2 places are taken" in late.error[0].value and not late.exception
    assert sorted(path.name for path in room.iterdir()) == sorted(keys)
    assert not open_page("start", ws=keys[0]).error


def test_a_seat_where_nothing_was_done_goes_to_somebody_else(tmp_path, customers_csv):
    """After an hour, under another key, so that its address stays a secret of one; a seat with work never does."""
    used, unused = seats.take(tmp_path, 2), seats.take(tmp_path, 2)
    Workspace.open(tmp_path / used).datasets.add(customers_csv, "mine", target="churn")
    with pytest.raises(MlopsError, match="The class is full"):
        seats.take(tmp_path, 2)
    for key in (used, unused):
        os.utime(tmp_path / key, (time.time() - 2 * seats.IDLE,) * 2)

    key = seats.take(tmp_path, 2)
    assert key not in (used, unused) and sorted(path.name for path in tmp_path.iterdir()) == sorted((used, key))
    with pytest.raises(MlopsError, match="no workspace behind this address"):
        seats.folder(tmp_path, unused)
    with pytest.raises(MlopsError, match="The class is full"):
        seats.take(tmp_path, 2)


@pytest.mark.parametrize("said", ["0", "-1", "many", "1e3"])
def test_a_number_of_seats_that_is_none_is_said(room, monkeypatch, said):
    """On the screen of whoever looks first, and nothing is made."""
    monkeypatch.setenv("MLOPS_SEATS", said)
    at = open_page("start")
    assert "which is no number of places" in at.error[0].value and not room.exists()


# A name


def actors(room, key):
    """Return who did something at a seat."""
    return {event["actor"] for event in Workspace.open(room / key, create=False).log()}


def test_a_learner_is_asked_for_a_name_once_and_signs_with_it(room):
    """Two names fit."""
    at = open_page("data")
    key = key_of(at)
    at.text_input(key="seat.called").set_value("  Ada and  Ben ")
    button(at, "That is me").click().run()
    assert "What shall we call you" not in words_on(at) and not at.exception

    button(at, "Keep this version").click().run()
    assert actors(room, key) == {"Ada and Ben"}
    again = open_page("train", ws=key)
    assert "What shall we call you" not in words_on(again)
    assert unfold(again, "menu").text_input(key=f"seat.rename.{key[:4]}").value == "Ada and Ben"


def test_who_gives_no_name_is_not_asked_again(room):
    """The history calls them a learner, not the person who started the server."""
    at = open_page("data")
    button(at, "Not now").click().run()
    button(at, "Keep this version").click().run()

    assert "What shall we call you" not in words_on(open_page("start", ws=key_of(at)))
    assert seats.sitter(room, key_of(at)) == seats.Sitter((), asked=True)
    assert actors(room, key_of(at)) == {"learner"}


def test_the_question_for_a_name_does_not_lie_over_the_chain_that_is_being_built(room):
    """It waits until that is over."""
    at = open_page("start")
    assert "What shall we call you" in words_on(at)
    at.button(key="start.run").click().run()

    assert button(at, "Cancel") and "What shall we call you" not in words_on(at)
    wait_for_trainings(Workspace.open(room / key_of(at), create=False))
    assert "What shall we call you" in words_on(at.run().run())


def test_a_name_can_be_changed_in_the_menu_and_stays_when_starting_over(room):
    """The earlier ones are still theirs: the history knows them by those."""
    at = open_page("start")
    key = key_of(at)
    for name in ("Ada", "Ada L.", "Ada"):
        seats.call(room, key, name)
    unfold(at, "menu").text_input(key=f"seat.rename.{key[:4]}").set_value("Countess").run()

    assert seats.sitter(room, key).names == ("Ada L.", "Ada", "Countess")


@pytest.mark.parametrize("name", ["x" * 61, "a\u202eb", "\ud83d", "Jo (colleague)", "Run the chain"])
def test_what_cannot_be_a_name_is_refused_and_nothing_is_kept(room, name):
    """Too long, not to be shown as it is, or somebody else's in the course, whose acts are not the learner's."""
    key = key_of(open_page("start"))
    with pytest.raises(MlopsError):
        seats.call(room, key, name)
    assert seats.sitter(room, key) == seats.Sitter()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"names": 7, "asked": 1}', '{"names": [7], "asked": true}', "[" * 100_000]
)
def test_a_file_about_a_seat_that_was_damaged_keeps_nobody_out(room, text):
    """They are asked again."""
    key = key_of(open_page("start"))
    (room / f"{key}.seat.json").write_text(text, encoding="utf-8")

    at = open_page("start", ws=key)
    assert not at.exception and "What shall we call you" in words_on(at)


def test_a_seat_that_goes_to_somebody_else_tells_them_nothing(tmp_path):
    """Neither the name nor what was typed there."""
    key = seats.take(tmp_path, 1)
    seats.call(tmp_path, key, "Ada")
    Desk(tmp_path / key).put({"train.draft": "secret"})
    os.utime(tmp_path / key, (time.time() - 2 * seats.IDLE,) * 2)
    new = seats.take(tmp_path, 1)

    assert new != key and seats.sitter(tmp_path, new) == seats.Sitter() and Desk(tmp_path / new).read() == {}
    assert [path.name for path in tmp_path.iterdir()] == [new]


def test_without_a_class_nobody_is_asked_for_a_name(tmp_path, monkeypatch):
    """The workspace is that of whoever started the app."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "workspace"))
    at = unfold(open_page("start"), "menu")
    assert "What shall we call you" not in words_on(at) and "Leave this place" not in words_on(at)


# The browser remembers


@pytest.fixture
def cookies(monkeypatch, room):
    """What the browser sends when a page is opened: fill it."""
    sent: dict[str, str] = {}
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", property(lambda _: sent))
    return sent


def test_the_base_address_leads_back_to_the_seat_that_the_browser_remembers(room, cookies):
    """And no new seat is taken."""
    key = key_of(open_page("start"))
    cookies[seats.cookie(room)] = key

    assert key_of(open_page("train")) == key and len([*room.iterdir()]) == 1


@pytest.mark.parametrize("key", ["a" * 20, "../evil", "", "A" * 20])
def test_a_cookie_that_leads_nowhere_is_no_cookie(room, cookies, key):
    """A class that was cleared away, another server on this machine, a hand that wrote it."""
    cookies[seats.cookie(room)] = key
    at = open_page("start")
    assert not at.error and key_of(at) != key and [path.name for path in room.iterdir()] == [key_of(at)]


def test_a_link_of_somebody_else_leads_there_and_one_s_own_seat_is_not_lost(room, cookies):
    """It is said whose place this is, and the way back is one click."""
    mine, theirs = (key_of(open_page("start")) for _ in range(2))
    seats.call(room, theirs, "Ada")
    cookies[seats.cookie(room)] = mine
    at = open_page("data", ws=theirs)
    assert key_of(at) == theirs and "the place of **Ada**" in words_on(at)
    button(at, "Back to mine").click().run()

    assert key_of(at) == mine and "the place of" not in words_on(at)


def test_leaving_a_seat_leads_to_a_new_one_and_forgets_the_old(room, cookies):
    """The next person at this computer begins with nothing of it; the work stays where it is."""
    old = key_of(open_page("start"))
    cookies[seats.cookie(room)] = old
    at = unfold(open_page("start"), "menu")
    button(at, "Leave this place").click().run()

    assert key_of(at) != old and (room / old).is_dir() and not at.exception
    assert at.session_state["kept.session.remembered"] == key_of(at)


def test_who_leaves_a_class_that_is_full_is_forgotten_all_the_same(room, cookies, monkeypatch):
    """There is no new place, and the old one is not shown."""
    monkeypatch.setenv("MLOPS_SEATS", "1")
    old = key_of(open_page("start"))
    cookies[seats.cookie(room)] = old
    at = unfold(open_page("start"), "menu")
    button(at, "Leave this place").click().run()

    assert "all of its 1 places are taken" in at.error[0].value and at.session_state["kept.session.remembered"] == ""
