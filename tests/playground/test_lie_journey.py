"""A lie in a real browser: links turn red from the lie on, green when recomputed, red again where a kept hash tells."""

from __future__ import annotations

import pytest

from mlops import Workspace
from playground import course
from tests.browser import executable, idle, served, until

pytestmark = [
    pytest.mark.browser, pytest.mark.slow,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]  # fmt: skip


def test_the_lab_about_a_lie_is_solved_by_keyboard_and_mouse(chromium, tmp_path):
    """Walking along the chain asks the server nothing; on a phone it wraps, and nothing sticks out."""
    ws = Workspace.open(tmp_path / "workspace", actor="ada")
    course.start(ws, "lie")
    course.guess(ws, "lie", "nothing")
    there = course.workspace(ws, "lie")
    kept, events = there.log()[-1]["sha256"], there.head()
    with served(ws.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, reduced_motion="reduce")
        sent = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        page.goto(f"{address}/release?in=lie&view=Audit+log")
        chain = page.locator(".lie .link")
        chain.first.wait_for()
        idle(page)
        assert (chain.count(), page.locator(".lie .link.off").count()) == (events, 0)

        chain.last.focus()
        for _ in range(events - 92):
            page.keyboard.press("ArrowLeft")
        assert "in spite of the release check" in page.locator(".lie .read").inner_text()
        assert not any(b"lie.links" in frame for frame in sent)
        page.keyboard.press("Enter")
        override = page.get_by_label("Override of event 92")
        override.wait_for()
        until(page, lambda: any(b"lie.links" in frame for frame in sent))
        override.fill("the release check agreed")
        page.get_by_role("button", name="Write it into the copy").click()
        broken = page.locator(".lie .link.off")
        until(page, lambda: broken.count() == chain.count() - 91)
        assert broken.first.get_attribute("aria-label").startswith("Event 92,")

        page.get_by_role("button", name="Recompute the next hash").click()
        until(page, lambda: broken.count() == chain.count() - 92)
        page.get_by_role("button", name="Recompute all").click()
        until(page, lambda: broken.count() == 0)
        assert "the copy proves itself" in page.locator(".lie .sentence").inner_text()

        page.get_by_label("A hash that was kept elsewhere").fill(kept)
        page.get_by_role("button", name="Hold it against the copy").click()
        until(page, lambda: page.locator(".lie .link.told").count() == events - 91)
        page.get_by_text("Solved", exact=True).first.wait_for()
        assert page.locator(".lie .link.tells").get_attribute("aria-label").startswith(f"Event {events},")

        page.set_viewport_size({"width": 400, "height": 900})
        idle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        page.close()
    assert course.read(ws).stops["lie"].status == "solved"
