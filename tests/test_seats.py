"""Seats: thirty learners at one server, and nobody sees another's work."""

from __future__ import annotations

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
