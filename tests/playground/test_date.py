"""The menu of the date: months pass at a click, pause, end, and are taken back."""

from __future__ import annotations

import pytest

from mlops import Workspace
from playground import company, folders, playing
from playground.calendar import end_of
from playground.jobs import Job, jobs
from playground.ui.kit import session
from tests.playground import companies
from tests.screens import button, open_page, unfold, words_on

MENU = "date"


@pytest.fixture(scope="module")
def _company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    files = companies.files(folder / "files")
    return files, companies.founded(folder / "founded", files)


@pytest.fixture
def ws(_company, tmp_path, monkeypatch):
    """A small company on screen, on 1 December 2023."""
    files, founded = _company
    monkeypatch.setattr(company, "FILES", files)
    ws = founded.fork(tmp_path / "company")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


def settled(at, ws):
    """Wait until no month passes any more, and look again."""
    assert jobs().settled(playing.name(ws.path))
    return at.run()


def test_a_click_brings_the_next_month_and_a_card_says_what_it_brought(ws):
    """On every screen, until somebody has read it."""
    at = unfold(open_page("release"), MENU)
    assert "December 2023: customers come up for renewal" in words_on(at) and "0 6 1 * *" in words_on(at)

    button(at, "Next month").click().run()
    settled(at, ws)

    assert not at.exception and ws.now() == end_of("2023-12")
    assert "**December 2023 is over**" in words_on(at) and "400 customers up for renewal" in words_on(at)
    button(at, "Close").click().run()
    assert "is over" not in words_on(at)


def test_to_play_is_to_bring_months_to_the_end(ws):
    """The last card says which months passed; then the story has an end, and the date is still one's own."""
    ws.set_clock(end_of("2024-11"))
    at = unfold(open_page("release"), MENU)
    button(at, "Play").click().run()
    settled(at, ws)

    assert "**December 2024 is over**" in words_on(at) or "to December 2024 are over" in words_on(at)
    unfold(at, f"{MENU}1")
    assert company.NO_MORE in words_on(at)
    at.date_input(key="date.move.day").set_value("2025-02-01").run()
    button(at, "Move it").click().run()
    assert not at.exception and len(ws.outcomes.known("customers")) == 13 * 400


def test_who_pauses_waits_for_the_end_of_the_month_that_has_begun(ws):
    """A month is whole; the next one does not begin."""

    class Paused(Job):
        def say(self, says, fraction=None):
            self.cancel()

    job = Paused(lambda job: playing.carry_out(ws.path, job))
    job.carry_out()

    assert job.problem is None and company.to_come(ws) == "2024-01"


def test_what_is_refused_is_told_where_somebody_looks_at_that_moment(ws, monkeypatch, tmp_path):
    """The menu has closed; the card says why no month came."""
    monkeypatch.setattr(company, "FILES", tmp_path)
    at = unfold(open_page("monitor"), MENU)
    button(at, "Next month").click().run()
    settled(at, ws)
    assert "customers of December 2023 are not here" in words_on(at).replace("\\", "")
    button(at, "Close").click().run()
    assert "are not here" not in words_on(at)


def test_a_month_is_taken_back_at_a_click(ws):
    """All is as it was before; what gave way is listed in the menu."""
    at = unfold(open_page("release"), MENU)
    button(at, "Next month").click().run()
    settled(at, ws)
    at.button(key="months.undo").click().run()

    assert not at.exception and company.to_come(Workspace.open(ws.path)) == "2023-12"
    assert "December 2023 is taken back" in "".join(one.value for one in at.toast).replace("\\", "")
    assert len(folders.kept(ws.path)) == 1


def test_in_a_stop_time_stands_still(ws):
    """Months pass outside of the tour, and in the stop that is about them."""
    from playground import course

    course.start(ws, "notebook")
    at = unfold(open_page("release"), MENU)
    assert "In stop 1 time stands still" in words_on(at)
    assert "Next month" not in [one.label for one in at.button]

    button(at, "Leave the tour").click().run()
    assert course.read(ws).current is None and "Next month" in [one.label for one in at.button]


def test_own_months_do_not_wait_for_a_line_that_is_drawn_in_a_chapter(ws):
    """The stop that asks for one happens beside the own work."""
    from playground import course

    course.start(ws, "year")
    at = unfold(open_page("release"), MENU)
    assert "Next month" in [one.label for one in at.button] and "Draw your line first" not in words_on(at)


def test_the_past_brings_no_month(ws):
    """Its button says the way back."""
    at = open_page("release", at=str(ws.head() - 1))
    unfold(at, MENU)
    assert at.button(key="date.next").disabled and "Back to today to let a month pass" in words_on(at)


def test_own_customers_are_not_made_up_but_the_date_can_be_moved(released, monkeypatch):
    """And moved back, too: what was before it is remembered."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    at = unfold(open_page("monitor"), MENU)
    assert "yours are not made up" in words_on(at) and "Next month" not in [one.label for one in at.button]

    at.date_input(key="date.move.day").set_value("2024-06-01").run()
    button(at, "Move it").click().run()
    assert not at.exception and released.now().startswith("2024-06-01T09:00")

    button(unfold(at, MENU), "Take the move of the date back").click().run()
    assert Workspace.open(released.path).now().startswith("2024-03-01")


def test_a_double_click_brings_one_month(ws):
    """By which a person means one."""
    at = unfold(open_page("release"), MENU)
    at.session_state[session.CLICKED.key] = {"months": float("inf")}
    button(at, "Next month").click().run()
    settled(at, ws)
    assert company.to_come(ws) == "2023-12"
