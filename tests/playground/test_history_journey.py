"""History in a real browser: dragged, stepped, zoomed, told in other zones, entered and left, and nobody is asked."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from playground.history import APART, NEWEST
from tests.browser import executable, idle, resting, served, settle, until

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def address(_two_live, tmp_path_factory):
    """Serve two names with two versions each, released on four days of 2024."""
    ws = _two_live.fork(tmp_path_factory.mktemp("history") / "workspace")
    with served(ws.path) as found:
        yield found


@pytest.fixture
def page(chromium, address):
    """A page of 1400 pixels that counts what it tells the server."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, base_url=address)
    made = context.new_page()
    made.told = []
    made.on("websocket", lambda socket: socket.on("framesent", lambda frame: made.told.append(frame)))
    yield made
    context.close()


def visit(page: Any, path: str) -> Any:
    """Open a page, and return the line of time on it."""
    page.goto(path)
    page.get_by_role("heading", level=1).wait_for()
    line = page.get_by_role("slider", name="Moment in history")
    line.wait_for()
    settle(page)
    return line


def drag(page: Any, line: Any, start: float, end: float) -> None:
    """Drag the handle from a part of the line to another one."""
    box = line.bounding_box()
    page.mouse.move(box["x"] + box["width"] * start, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, box["y"] + 14, steps=25)
    page.mouse.up()


def said(line: Any) -> str:
    return str(line.get_attribute("aria-valuetext"))


def test_dragging_stepping_and_zones_ask_nobody_and_move_nothing(page):
    """The read-out changes in the browser; the line keeps its height; what follows it stays where it is."""
    line = visit(page, "/data")
    top = resting(page, page.get_by_role("tab").first)["y"]
    told, height = len(page.told), line.bounding_box()["height"]
    assert height == 28 and said(line).startswith("Now, ")

    drag(page, line, 0.9, 0.5)
    dragged = said(line)
    page.keyboard.press("Home")
    first = said(line)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    third = said(line)
    page.get_by_role("radio", name="New York").click()
    elsewhere = said(line)
    page.get_by_label("Another time zone").select_option("Asia/Tokyo")
    tokyo = said(line)
    line.focus()
    page.keyboard.press("+")
    page.keyboard.press("-")
    page.keyboard.press("End")
    at_the_end = said(line)
    page.keyboard.press("ArrowRight")

    assert "Live: production churn_model v1" in dragged and not dragged.startswith("Now")
    assert first.startswith("Mon 15 Jan 2024, 09:00 UTC. customers@1 is kept. Live: production churn_model nothing")
    assert third.startswith("Mon 15 Jan 2024, 09:00 UTC. churn_model v1.0.0 goes live in production.")
    assert elsewhere.startswith("Mon 15 Jan 2024, 4 am New York. churn_model v1.0.0 goes live")
    assert tokyo.startswith("Mon 15 Jan 2024, 6 pm Tokyo.")
    assert at_the_end.startswith("Now, ") and said(line) == at_the_end, "It cannot go past now."
    assert len(page.told) == told, "Nothing of this asks the server."
    page.keyboard.press("Escape")
    until(page, lambda: line.bounding_box()["height"] == 28)
    assert resting(page, page.get_by_role("tab").first)["y"] == top


@pytest.mark.slow
def test_the_newest_events_are_far_enough_apart_to_be_hit(page):
    """On a wide line and on a narrow one, where events of one moment lie side by side."""
    for width in (1400, 400):
        page.set_viewport_size({"width": width, "height": 900})
        line = visit(page, "/data")
        line.focus()
        resting(page, line.locator(".mark:not(.off)").last)
        shown = line.locator(".mark:not(.off)").evaluate_all("all => all.map(one => one.getBoundingClientRect().x)")
        newest = sorted(shown)[-NEWEST:]
        assert len(newest) == NEWEST
        assert min(later - earlier for earlier, later in pairwise(newest)) >= APART - 0.5


@pytest.mark.slow
def test_the_past_is_entered_by_enter_seen_on_every_page_and_left_by_escape(page):
    """The URL says it, every page says it, and Back leads out of it as well."""
    line = visit(page, "/release")
    line.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    assert "guests@2" not in said(line)
    page.keyboard.press("Enter")
    page.get_by_text("This is how it was on").wait_for()
    idle(page)
    event = re.search(r"at=(\d+)", page.url)
    assert event
    for name in ("Data", "Train", "Compare", "Predict", "Monitor", "Guide", "Start", "Release"):
        page.get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_url(re.compile(rf"{'/' if name == 'Start' else name.lower()}\?.*at={event[1]}"))
        page.get_by_text("This is how it was on").wait_for()
        idle(page)
        assert page.get_by_text("Traceback").count() == 0
    page.keyboard.press("Escape")
    page.get_by_text("This is how it was on").wait_for(state="detached")
    assert "at=" not in page.url
    page.go_back()
    page.get_by_text("This is how it was on").wait_for()
    page.get_by_role("button", name="Back to today").first.click()
    page.get_by_text("This is how it was on").wait_for(state="detached")


@pytest.mark.slow
def test_a_moment_between_two_events_is_entered_as_well(page):
    """What had happened until then is what counts."""
    line = visit(page, "/data")
    drag(page, line, 0.9, 0.45)
    where = said(line)
    page.get_by_role("button", name="See everything as it was").click()
    page.get_by_text("This is how it was on").wait_for()
    idle(page)
    live = re.search(r"production churn_model (v[\d.]+|nothing)", where)
    assert live
    page.get_by_role("link", name="Release", exact=True).first.click()
    page.wait_for_url(re.compile("release"))
    line = page.locator("[role=slider][aria-valuetext]")  # its browser part has drawn it
    assert f"production {live[1]}" in said(line).replace("churn_model ", "")


@pytest.mark.slow
def test_on_a_phone_the_line_is_opened_by_a_tap(chromium, address):
    """It is one line, what opens fits the screen, and one button enters."""
    context = chromium.new_context(
        viewport={"width": 400, "height": 800}, base_url=address, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    line = visit(page, "/data")
    assert line.bounding_box()["height"] == 28
    box = line.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.5, box["y"] + 14)
    enter = page.get_by_role("button", name="See everything as it was")
    enter.wait_for()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 400
    opened = enter.bounding_box()
    assert opened["x"] >= 0 and opened["x"] + opened["width"] <= 400
    enter.tap()
    page.get_by_text("This is how it was on").wait_for()
    context.close()
