"""Folders beside the workspace: what is put aside comes back whole, and nothing is ever overwritten."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from mlops import MlopsError, Workspace
from playground import folders
from playground.desk import Desk
from playground.place import chapters
from tests.screens import button, open_page, unfold, words_on


@pytest.fixture
def on_screen(released, monkeypatch):
    """The workspace `released` on screen."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    return released


def tree(path):
    """Return every file below a folder with its bytes."""
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_what_is_put_aside_comes_back_to_the_last_byte(released):
    """With its chapters and what stood on its desk; the fresh one, in which nothing happened, is gone again."""
    Workspace.open(chapters(released.path) / "rollback")
    Desk(released.path).put({"train.draft": "mine"})
    before, chapter = tree(released.path), tree(chapters(released.path))
    aside = folders.start_over(released)
    assert Workspace.open(released.path, create=False).head() == 0 and not chapters(released.path).exists()
    assert Desk(released.path).read() == {}

    assert folders.reopen(released.path, 1) is None
    assert tree(released.path) == before and tree(chapters(released.path)) == chapter
    assert not aside.exists() and folders.kept(released.path) == []


def test_a_workspace_that_gives_way_is_kept_if_anything_was_in_it(released, customers_csv):
    """Also a draft that was never trained; each keeps its number, and no number is given twice while it lasts."""
    folders.start_over(released)
    Workspace.open(released.path).datasets.add(customers_csv, "mine", target="churn")
    Desk(folders.start_over(released)).put({})
    Desk(released.path).put({"train.draft": "typed"})
    aside = folders.reopen(released.path, 1)

    assert aside.name == "released-kept-3" and Desk(aside).read() == {"train.draft": "typed"}
    assert [(one.number, one.runs) for one in folders.kept(released.path)] == [(3, 0), (2, 0)]
    assert len(Workspace.open(released.path).models.list()) == 2


def test_the_list_tells_what_is_in_each(released, customers_csv):
    """Newest first; one that is broken is named, and hides no other."""
    folders.start_over(released)
    broken = folders.start_over(Workspace.open(released.path))
    (broken / "ledger.db").write_bytes(b"no ledger")
    second, first = folders.kept(released.path)

    assert (first.runs, first.models, first.live) == (2, 2, ("churn_model@1.1.0",)) and first.size > 10_000
    assert second.problem and second.runs == 0


@pytest.mark.parametrize("number", [7, 0])
def test_a_number_that_is_not_kept_changes_nothing(released, number):
    """The list was drawn before somebody reopened it in another tab."""
    before = tree(released.path)
    with pytest.raises(MlopsError, match="no kept workspace"):
        folders.reopen(released.path, number)
    assert tree(released.path) == before


def test_who_looks_while_workspaces_change_places_loses_none(released):
    """Another tab opens the place at any moment; at the very one between the two moves it makes an empty one."""
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            with suppress(MlopsError):
                Workspace.open(released.path)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(15):
            folders.start_over(Workspace.open(released.path))
            [old] = [one for one in folders.kept(released.path) if one.models == 2]
            folders.reopen(released.path, old.number)
    finally:
        over.set()
        looking.join()

    assert len(Workspace.open(released.path, create=False).models.list()) == 2
    assert [one for one in folders.kept(released.path) if one.runs] == []


@pytest.mark.parametrize("number", ["", "0", "01", "../../evil", "1/..", "9", "-1", "１"])
def test_what_is_no_number_of_a_copy_opens_nothing(released, number):
    """It stands in the URL, where anybody may write anything."""
    folders.fork(released)
    assert folders.copy_of(released.path, number) is None
    assert folders.copy_of(released.path, "1").name == "released-copy-1"


# On screen


def test_starting_over_asks_once_and_can_be_taken_back(on_screen):
    """Nothing happens before the second click; "Undo" is there right after it."""
    at = unfold(open_page("release"), "menu")
    button(at, "Start over").click().run()
    assert on_screen.models.list() and "comes back with one click" in words_on(at)
    button(at, "Begin anew").click().run()
    assert not at.exception and Workspace.open(on_screen.path).head() == 0
    assert "A fresh workspace" in words_on(at)
    button(at, "Undo").click().run()

    assert not at.exception and len(Workspace.open(on_screen.path).models.list()) == 2
    assert "A fresh workspace" not in words_on(at) and folders.kept(on_screen.path) == []


def test_a_kept_workspace_is_listed_with_what_is_in_it_and_reopens(on_screen):
    """Whoever began anew long ago finds it in the menu; what is on screen then is kept in turn."""
    folders.start_over(on_screen)
    Workspace.open(on_screen.path).set_clock("2030-01-01")
    at = unfold(open_page("start"), "menu")
    assert "1 data version, 2 runs, 2 models · live churn\\_model@1\\.1\\.0" in words_on(at)
    button(at, "Reopen").click().run()

    assert not at.exception and len(Workspace.open(on_screen.path).models.list()) == 2
    assert [one.number for one in folders.kept(on_screen.path)] == [2]
    assert "Ask about one" in words_on(at)


def test_a_copy_opens_under_an_address_of_its_own(on_screen):
    """What happens there happens there, and every link in it stays there."""
    at = unfold(open_page("start"), "menu")
    button(at, "Copy this workspace").click().run()
    [link] = [one.proto.url for one in at.get("link_button")]
    assert link == "./?copy=1"

    copy = unfold(open_page("release", copy="1"), "menu")
    assert "This is **copy 1**" in words_on(copy) and not copy.exception
    Workspace.open(on_screen.path.with_name("released-copy-1"), create=False).rollback("production", "try")
    assert "1\\.0\\.0" in words_on(copy.run()) and on_screen.releases.live("production").model["version"] == "1.1.0"
    assert {"copy=1" in one.proto.query_string for one in copy.get("page_link")} <= {True}
    button(copy, "Back to mine").click().run()
    assert "copy" not in copy.query_params and "Start over" in words_on(unfold(copy, "menu"))


def test_the_address_of_a_copy_that_is_gone_leads_home(on_screen):
    """It says nothing wrong, and makes nothing."""
    at = open_page("start", copy="3")
    assert not at.exception and not at.error and "copy" not in at.query_params
    assert not on_screen.path.with_name("released-copy-3").exists()
