"""Monitor in a real browser: months move on the map when outcomes come, and looking around asks the server nothing."""

from __future__ import annotations

from typing import Any

import pytest

from playground import company
from tests.browser import executable, idle, served
from tests.playground.test_monitor_screen import _played

__all__ = ["_played"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]


@pytest.fixture
def watched(_played, tmp_path):
    """The company at the end of February 2024, and its files."""
    return _played[2].fork(tmp_path / "company"), _played[0]


def opened(chromium: Any, address: str, **options: Any) -> Any:
    page = chromium.new_page(**{"viewport": {"width": 1400, "height": 1000}, **options})
    page.sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: page.sent.append(frame)))
    page.goto(f"{address}/monitor")
    settled(page)
    idle(page)
    return page


def settled(page: Any) -> None:
    page.locator(".map[data-settled='true']").wait_for()


def known(page: Any) -> dict[str, str]:
    """Return for each mark whether its outcomes are known."""
    marks = page.locator(".map .mark").evaluate_all("all => all.map(one => [one.dataset.month, one.dataset.known])")
    return dict(marks)


def test_a_month_condenses_when_its_outcomes_come_and_its_mark_is_the_same(chromium, watched):
    """What stood there as fog moves to where it belongs; nothing is drawn anew."""
    ws, files = watched
    with served(ws.path) as address:
        page = opened(chromium, address)
        assert known(page) == {"2023-12": "true", "2024-01": "true", "2024-02": "false"}
        page.locator(".mark[data-month='2024-02']").evaluate("one => { one.met = true }")

        company.next_month(ws, files=files)
        page.get_by_role("tab", name="Alerts").click()
        page.locator(".mark[data-month='2024-03']").wait_for(state="attached")
        settled(page)

        assert known(page) == {"2023-12": "true", "2024-01": "true", "2024-02": "true", "2024-03": "false"}
        assert page.locator(".mark[data-month='2024-02']").evaluate("one => one.met") is True
        assert page.locator(".mark[data-month='2024-02'] .fog").get_attribute("opacity") == "0"
        page.close()


@pytest.mark.slow
def test_looking_and_turning_ask_the_server_nothing_and_enter_opens_a_month(chromium, watched):
    """By keyboard alone: along the months, to the other reference, and into one of them."""
    with served(watched[0].path) as address:
        page = opened(chromium, address)
        before, frames = place(page), len(page.sent)
        page.locator(".bead[aria-selected='true']").focus()
        page.keyboard.press("ArrowLeft")
        assert page.locator(".map .detail b").inner_text() == "January 2024"
        page.get_by_role("radio", name="Beside what it learned from").focus()
        page.keyboard.press("ArrowRight")
        settled(page)
        assert page.locator(".map").get_attribute("data-way") == "before" and place(page) != before
        assert len(page.sent) == frames

        page.locator(".bead[data-month='2024-01']").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**month=2024-01**")
        page.close()


@pytest.mark.slow
def test_where_motion_is_reduced_marks_stand_at_once_and_a_phone_has_room(chromium, watched):
    """Nothing scrolls sideways at 400 pixels, and the sentence says what the picture does."""
    with served(watched[0].path) as address:
        page = opened(chromium, address, viewport={"width": 400, "height": 900}, reduced_motion="reduce")
        page.get_by_role("radio", name="Beside the month before").click()
        assert page.locator(".map").get_attribute("data-settled") == "true"
        wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= 400
        assert "not known yet: February 2024" in page.locator(".map .rail").get_attribute("aria-label")
        page.close()


def place(page: Any) -> str:
    """Return where the newest month stands."""
    return str(page.locator(".mark[data-month='2024-01'] .bar").get_attribute("y"))
