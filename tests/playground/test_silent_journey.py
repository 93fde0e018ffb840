"""The silent candidate in a real browser: it answers at a click, dots move and can be chosen, the check is one click away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import executable, idle, served
from tests.production.conftest import ask, cohort

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


def opened(chromium: Any, address: str, **options: Any) -> Any:
    page = chromium.new_page(**{"viewport": {"width": 1400, "height": 1000}, **options})
    page.sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: page.sent.append(frame)))
    page.goto(f"{address}/monitor")
    idle(page)
    page.get_by_role("tab", name="Silent candidate").click()
    idle(page)
    return page


def test_a_candidate_is_let_answer_looked_at_and_taken_to_the_check(chromium, released):
    """Moving and choosing ask the server nothing; by mouse and by keyboard; the link names the candidate."""
    answers = {one["customer_id"]: one for one in ask(released, cohort(3, 120))}
    with served(released.path) as address:
        page = opened(chromium, address)
        page.get_by_role("button", name="Let it answer what was asked").click()
        page.locator(".two svg").scroll_into_view_if_needed()  # it begins when it is seen
        page.locator(".two[data-at='1.00']").wait_for()
        report = released.shadow.report()
        counts = page.locator(".corners b").all_inner_texts()
        assert sum(map(int, counts)) == report.n == 120
        assert int(counts[0]) + int(counts[3]) == report.flipped == page.locator(".two .dot").count()

        frames = len(page.sent)
        page.get_by_role("button", name="v1.1.0").click()
        page.locator(".two[data-at='0.00']").wait_for()
        page.locator(".two input").fill("1000")
        page.locator(".two svg").focus()
        page.keyboard.press("Home")
        first = page.locator(".two .detail b").inner_text()
        page.keyboard.press("End")
        assert page.locator(".two .detail b").inner_text() != first
        score = answers[first]["churn_probability"]
        page.keyboard.press("Home")
        assert f"{score:.3f}" in page.locator(".two .detail dd").first.inner_text()
        assert "not known yet" in page.locator(".two .detail").inner_text()
        assert len(page.sent) == frames

        page.locator(".two .detail").get_by_role("link", name="Replay it").click()
        page.wait_for_url(f"**replay={answers[first]['prediction_id']}**")
        page.go_back()
        idle(page)
        page.get_by_role("tab", name="Silent candidate").click()
        page.get_by_role("link", name="Release check of v1.0.0").click()
        page.wait_for_url("**/release?**")
        idle(page)
        chosen = page.get_by_role("combobox").evaluate_all("all => all.map(one => one.value + one.ariaLabel)")
        assert any("churn_model@1.0.0" in one for one in chosen)
        page.close()


def test_whoever_wants_no_movement_sees_where_it_ends_on_a_narrow_screen(chromium, released):
    """Nothing is wider than the screen, and the picture stands at the candidate at once."""
    ask(released, cohort(3, 60))
    released.shadow.start("churn_model@1.0.0", back=True)
    released.shadow.follow()
    with served(released.path) as address:
        page = opened(chromium, address, viewport={"width": 400, "height": 900}, reduced_motion="reduce")
        page.locator(".two[data-at='1.00']").wait_for()
        box = page.locator(".two").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 400
        page.close()
