"""Where a session is: in its own work or in a chapter beside it, and what every screen says of that."""

from __future__ import annotations

import re

import pytest

from mlops import Workspace
from playground.place import chapters
from tests.screens import links_on, open_page, words_on


@pytest.fixture
def own(tmp_path, monkeypatch) -> Workspace:
    """An own workspace in which nothing has happened."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "workspace"))
    return Workspace.open(tmp_path / "workspace")


@pytest.fixture
def chapter(own, released) -> Workspace:
    """Its chapter `rollback`, in which two models were released."""
    return released.fork(chapters(own.path) / "rollback")


def labels(at) -> list[str]:
    return [one.proto.popover.label for one in at.get("popover")]


def test_a_chapter_is_opened_by_its_address_and_the_own_work_stays_as_it_is(own, chapter):
    """The screens show the chapter; what one does there is recorded there."""
    at = open_page("release", **{"in": "rollback"})

    assert not at.exception and "v1\\.1\\.0" in words_on(at)
    assert own.head() == 0


def test_every_page_of_a_chapter_says_that_it_is_one_and_leads_back_in_one_click(own, chapter):
    """Nobody takes colleagues' work for their own."""
    at = open_page("data", **{"in": "rollback"})
    assert "Chapter: 15 March. Three months later, colleagues went on." in words_on(at).replace("\\", "")
    at.button(key="chapter.leave").click().run()

    assert "in" not in at.query_params and "Chapter" not in words_on(at)


def test_a_chapter_stays_on_screen_when_a_link_of_the_navigation_forgets_it(own, chapter):
    """Such a link leads to the bare address; the session remembers, and says it in the address again."""
    at = open_page("release", **{"in": "rollback"})
    del at.query_params["in"]
    at.switch_page("../pages/predict.py").run()

    assert at.query_params["in"] in ("rollback", ["rollback"])
    assert "Run the chain" not in links_on(at)


@pytest.mark.parametrize("asked", ["freeze", "../workspace", "", "..", "ROLLBACK"])
def test_a_chapter_that_is_not_there_is_the_own_work(own, chapter, asked):
    """A link of somebody else, or a guess, opens nothing and makes nothing."""
    before = sorted(own.path.parent.rglob("*"))
    at = open_page("predict", **{"in": asked})

    assert not at.exception and "Run the chain" in links_on(at)
    assert "in" not in at.query_params
    assert sorted(own.path.parent.rglob("*")) == before


def test_the_date_appears_with_the_first_release_and_its_menu_says_the_wall_time(own, released, monkeypatch):
    """An empty workspace has navigation and chain alone; what is simulated says so, beside the time of the wall."""
    assert not any(re.search(r"20\d\d", label) for label in labels(open_page("data")))
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    at = open_page("data")
    assert "1 Mar 2024" in labels(at)
    at.session_state["date"] = True
    said = words_on(at.run())

    assert "Simulated: **Fri 1 Mar 2024**" in said and "Wall time:" in said
