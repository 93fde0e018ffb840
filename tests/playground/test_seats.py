"""Seats: thirty learners at one server, and nobody sees another's work."""

from __future__ import annotations

import os
import time

import pytest

from mlops import MlopsError, Workspace
from playground import seats
from tests.screens import button, open_page, words_on


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
