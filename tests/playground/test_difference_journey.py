"""What differs, in a real browser: reached from the chain, each flip chosen by hand or key, and nobody asked meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import executable, idle, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


def lines(page: Any, which: str = "") -> int:
    return int(page.locator(f".slopes .line{which}").count())


def test_from_the_chain_to_a_customer_who_gets_another_decision(chromium, released):
    """The mark between live and yours opens the page; choosing lines and ways asks the server nothing."""
    run = released.train("model: {type: gradient_boosting, n_estimators: 3}\ntraining: {test_size: 0.5}\n")
    live = released.models.get("churn_model@production").run_id
    told = released.comparisons.diff(live, run.run_id).predictions
    with served(released.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, reduced_motion="reduce")
        sent: list[Any] = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        page.goto(f"{address}/data")
        page.get_by_role("link", name="Everything that differs between live and yours").click()
        page.locator(".slopes svg").wait_for()
        idle(page)
        assert f"runs={live}%2C{run.run_id}" in page.url
        frames = len(sent)

        box = page.get_by_role("listbox")
        box.focus()
        page.keyboard.press("ArrowDown")
        first, detail = told["answers"][0], page.locator(".slopes .detail")
        assert first["id"] in detail.inner_text() and f"{first['after_score']:.3f}" in detail.inner_text()
        assert box.get_attribute("aria-activedescendant") == page.locator(".line.on").get_attribute("id")
        page.keyboard.press("Escape")
        assert "Choose a line" in detail.inner_text() and lines(page, ".on") == 0

        assert lines(page, ".flips") == told["flipped"] and lines(page) == told["rows"]
        ways = page.locator(".slopes .way")
        ways.first.click()
        assert ways.first.get_attribute("aria-pressed") == "true"
        assert lines(page, ":not(.off)") == told["moves"][0]["rows"]
        ways.first.click()
        assert lines(page, ".off") == 0
        assert len(sent) == frames

        page.get_by_role("button", name="Swap").click()
        page.wait_for_url(f"**runs={run.run_id}%2C{live}")
        idle(page)
        assert page.locator(".slopes .name").first.text_content() == "yours"
        page.close()


def test_on_a_phone_everything_fits_its_width(chromium, released):
    """Nothing is wider than the page, and the mark stands as a line in the opened chain."""
    run = released.train("model: {type: gradient_boosting, n_estimators: 3}\ntraining: {test_size: 0.5}\n")
    live = released.models.get("churn_model@production").run_id
    with served(released.path) as address:
        page = chromium.new_page(viewport={"width": 400, "height": 900}, color_scheme="dark")
        page.goto(f"{address}/difference?runs={live},{run.run_id}")
        page.locator(".slopes svg").wait_for()
        idle(page)
        main = page.locator("[data-testid=stMain]")
        assert main.evaluate("one => one.scrollWidth <= one.clientWidth")
        page.get_by_role("button", name="The chain").click()
        mark = page.get_by_role("link", name="Everything that differs between live and yours")
        assert mark.is_visible() and "what differs between live and yours" in mark.inner_text()
        page.close()
