"""Going back in a real browser: the dots move, dragging asks the server nothing, and all of it works by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import executable, idle, served
from tests.playground.test_going_back import busy

__all__ = ["busy"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]


@pytest.fixture
def release(chromium, busy) -> Iterator[Any]:
    """The Release screen, where one goes back."""
    with served(busy.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.sent = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: page.sent.append(frame)))
        page.goto(f"{address}/release?view=Roll+back")
        page.locator(".dots svg").wait_for()
        idle(page)
        yield page
        page.close()


def places(page: Any, which: str) -> list[str]:
    return page.locator(f".dots {which}").evaluate_all(
        "all => all.map(one => one.getAttribute('cx') + ' ' + one.getAttribute('cy'))"
    )


def come_to(page: Any, at: str) -> None:
    page.locator(f".dots[data-at='{at}']").wait_for()


def test_the_dots_move_by_themselves_once_and_dragging_asks_the_server_nothing(release, busy):
    """Only those that get another answer move; grey stays where it was sent; the counts are those of the preview."""
    release.locator(".dots svg").scroll_into_view_if_needed()
    come_to(release, "1.00")
    preview = busy.deployments.preview("production")
    assert (
        release.locator(".dots .dot").count() == 30
        and release.locator(".dots .dot.flips").count() == preview.flipped > 0
    )
    after, sent, still = places(release, ".dot.flips"), places(release, ".sent"), places(release, ".dot:not(.flips)")
    frames = len(release.sent)
    release.locator(".dots .end.now").click()
    come_to(release, "0.00")
    assert set(places(release, ".dot.flips")).isdisjoint(after)
    assert (places(release, ".sent"), places(release, ".dot:not(.flips)")) == (sent, still)
    release.locator(".dots input").focus()
    for _ in range(5):
        release.keyboard.press("ArrowRight")
    come_to(release, "0.05")
    release.keyboard.press("End")
    come_to(release, "1.00")
    assert places(release, ".dot.flips") == after
    assert len(release.sent) == frames
    counts = [int(one) for one in release.locator(".dots .foot b").all_inner_texts()]
    assert counts == [sum(move["requests"] for move in preview.moves if move["to"] == decision) for decision in (1, 0)]


@pytest.mark.slow
def test_by_keyboard_a_dot_tells_all_three_answers_and_leads_to_its_replay(release):
    """F goes to the next that changes, arrows to the neighbour, Enter to the links."""
    release.locator(".dots svg").focus()
    release.keyboard.press("f")
    detail = release.locator(".dots .detail")
    assert re.search(r"Sent\s+likely to .*by v1\.2\.0, and stays sent", detail.inner_text(), re.DOTALL)
    assert "Chain of v1.2.0" in detail.inner_text() and "Chain of v1.1.0" in detail.inner_text()
    who = detail.locator(".who").inner_text()
    chosen = release.locator(".dots .dot[aria-selected=true]")
    assert who.split(" ")[0] in str(chosen.get_attribute("aria-label"))
    release.keyboard.press("ArrowRight")
    assert detail.locator(".who").inner_text() != who
    release.keyboard.press("Enter")
    release.keyboard.press("Enter")
    release.get_by_text("Equal to the last digit").wait_for()
    assert "replay=p" in release.url


def test_a_person_goes_back_to_any_version_and_rejects_the_one_that_was_left(release, busy):
    """Choose, look, say why, go back; the dots rest; one click and a reason more, and nobody releases it again."""
    release.get_by_role("combobox", name="Go back to").click()
    release.get_by_role("option", name="v1.0.0").click()
    release.get_by_role("button", name="Roll back to v1.0.0").wait_for()
    release.get_by_label("Reason", exact=True).fill("complaints since five")
    release.keyboard.press("Tab")
    idle(release)
    release.get_by_role("button", name="Roll back to v1.0.0").click()
    release.get_by_text("What happens next").wait_for()
    come_to(release, "1.00")
    assert "live now" in release.locator(".dots .end.then").inner_text()
    release.get_by_label("Why reject v1.2.0?").fill("wrong outcomes")
    release.keyboard.press("Tab")
    idle(release)
    release.get_by_role("button", name="Reject v1.2.0").click()
    release.get_by_text("v1.2.0 is rejected").wait_for()
    assert (busy.releases.live("production").model["version"], busy.models.get("churn_model@1.2.0").status) == (
        *("1.0.0", "rejected"),
    )


@pytest.mark.slow
def test_who_wants_no_motion_sees_the_end_at_once(chromium, busy):
    """And 400 pixels are enough: nothing stands out of the page."""
    with served(busy.path) as address:
        page = chromium.new_page(viewport={"width": 400, "height": 800}, reduced_motion="reduce")
        page.goto(f"{address}/release?view=Roll+back")
        page.locator(".dots svg").wait_for()
        assert page.locator(".dots").get_attribute("data-at") == "1.00"
        page.locator(".dots .end.now").click()
        assert page.locator(".dots").get_attribute("data-at") == "0.00"
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 400
        page.close()
