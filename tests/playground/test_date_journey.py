"""Months pass in a real browser: a click in the menu of the date, a card that says what they bring, and back."""

from __future__ import annotations

import re

import pytest

from mlops import Workspace
from playground import company
from tests.browser import executable, idle, served
from tests.playground import companies

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def at_work(tmp_path_factory):
    """A workspace of the sample on its first day, and the address of the app that shows it."""
    ws = companies.founded(tmp_path_factory.mktemp("company") / "workspace", company.FILES)
    with served(ws.path) as address:
        yield ws, address


def opened(chromium, address: str, width: int, theme: str = "light"):
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{address}/monitor")
    idle(page)
    return page


def menu(page):
    """Open the menu of the date, and return it."""
    page.get_by_role("button", name=re.compile(r"^\S*\s*\d+ \w{3} 202\d")).click()
    idle(page)
    return page.get_by_test_id("stPopoverBody")


@pytest.mark.parametrize(("width", "theme"), [(1400, "light"), (400, "dark")])
def test_the_menu_fits_and_begins_with_the_one_thing_to_do(at_work, chromium, width, theme):
    """On a phone as on a wide screen: nothing of it lies outside of the window, and the page does not scroll sideways."""
    page = opened(chromium, at_work[1], width, theme)
    drawer = menu(page)
    drawer.get_by_role("button", name="Next month").wait_for()
    box = drawer.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= 900
    assert drawer.get_by_text("0 6 1 * *").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_months_pass_pause_and_are_taken_back(at_work, chromium):
    """The whole page goes along: its date, its chain. Whoever pauses has a whole month behind them."""
    ws, address = at_work
    page = opened(chromium, address, 1400)
    card = page.locator(".st-key-corner-card")

    menu(page).get_by_role("button", name="Next month").click()
    card.get_by_text("December 2023 is over").wait_for()
    page.get_by_role("button", name="31 Dec 2023").wait_for()
    assert page.get_by_test_id("stPopoverBody").count() == 0
    assert "3,000 customers up for renewal" in card.inner_text()

    card.get_by_role("button", name="Take it back").click()
    page.get_by_role("button", name=re.compile(r"\b1 Dec 2023")).wait_for()
    assert company.to_come(Workspace.open(ws.path)) == "2023-12"

    idle(page)
    menu(page).get_by_role("button", name="Play").click()
    card.get_by_role("button", name="Pause").click()
    card.get_by_text(re.compile("(is|are) over")).first.wait_for()
    month = company.last(Workspace.open(ws.path)).month
    assert month < company.LAST and company.to_come(Workspace.open(ws.path)) > month
    page.close()
