"""What is said and drawn of one's own work, in a real browser: copied, practised and moved without asking the server."""

from __future__ import annotations

import pytest

from playground import say
from tests.browser import executable, idle, served, until

pytestmark = [pytest.mark.browser, pytest.mark.slow,
              pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]  # fmt: skip


def test_sentences_are_practised_and_copied_and_pictures_move_without_asking_anybody(chromium, released):
    """Covered and uncovered, copied as it stands; a gear, a moment by keyboard, a trip down the line; then to Release."""
    with served(released.path) as address:
        page, sent = chromium.new_page(viewport={"width": 1400, "height": 1000}), []
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        page.goto(f"{address}/guide?part=Say+it")
        card = page.locator(".says .card").first
        card.wait_for()
        idle(page)
        frames = len(sent)
        do = say.sentences(released)[0].do

        page.get_by_role("button", name="Practise: cover what to say").click()
        assert do not in card.inner_text() and "Don’t say" in card.inner_text()
        card.get_by_role("button", name="Say it yourself first").focus()
        page.keyboard.press("Enter")
        assert " ".join(card.locator(".say .text").inner_text().split()) == do
        card.get_by_role("button", name="Copy").click()
        card.get_by_text("Copied").wait_for()
        assert page.evaluate("() => navigator.clipboard.readText()") == do
        assert len(sent) == frames

        page.get_by_role("tab", name="Three pictures").click()
        gear = page.get_by_role("button", name="Move config: 2 so far")
        gear.wait_for()
        idle(page)
        frames = len(sent)
        gear.focus()
        page.keyboard.press("Enter")
        until(page, lambda: page.locator(".factory .stage.lit").count() == 3)
        assert "Here it had 2 states" in page.locator(".factory .says").inner_text()

        version = page.locator(".machine .version")
        assert version.inner_text() == "v1.1.0"
        page.locator(".machine .slider").focus()
        page.keyboard.press("ArrowLeft")
        assert version.inner_text() == "v1.0.0" and page.locator(".machine .changed").count() == 0
        page.get_by_label("A moment, in UTC").fill("2024-03-01T09:00")
        assert version.inner_text() == "v1.1.0" and page.locator(".machine .changed").count() == 2
        page.get_by_label("A moment, in UTC").fill("2024-01-01T00:00")
        assert version.inner_text() == "nothing"

        page.get_by_role("button", name="Send it down the line").click()
        until(page, lambda: page.locator(".assembly .station.on").count() == 6)
        assert page.locator(".assembly .station.hand").count() == 3
        assert len(sent) == frames

        page.get_by_role("tab", name="Say it").click()
        page.get_by_role("button", name="churn_model v1.1.0, what is live").click()
        page.wait_for_url("**/release**")
        page.close()
