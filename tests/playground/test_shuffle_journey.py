"""The shuffle and the lamps in a real browser: who plays, pauses or drags the line asks the server nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from playground import shuffle
from tests.browser import executable, idle, served
from tests.conftest import LOGISTIC

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]


@pytest.fixture
def address(released) -> Iterator[str]:
    """The app on a workspace with two runs, and a version that was not released yet."""
    model = released.models.register(released.train(LOGISTIC, seed=7), "churn_model")
    released.deploy(model, "staging", "rehearsal")
    with served(released.path) as address:
        yield address


def opened(chromium: Any, address: str, where: str, **options: Any) -> Any:
    page = chromium.new_page(**options)
    page.sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: page.sent.append(frame)))
    page.goto(f"{address}/{where}")
    page.get_by_role("heading", level=1).wait_for()
    idle(page)
    return page


def pair(released: Any) -> list[str]:
    """Return the ids of the older run, and of the one that is live."""
    return [run.run_id for run in released.runs.list()][::-1][:2]


def shuffled(page: Any) -> Any:
    """Open the fold on Compare."""
    page.get_by_text("Better, or luck? Shuffle the rows").click()
    page.locator(".luck .mark").first.wait_for(state="attached")
    idle(page)
    return page.locator(".luck")


def dots(luck: Any) -> set[tuple[str, str]]:
    """Return where the marks of a shuffle are."""
    return set(
        map(
            tuple,
            luck.locator(".mark").evaluate_all("all => all.map(one => ['cx', 'cy'].map(at => one.getAttribute(at)))"),
        )
    )


def test_the_word_changes_with_the_line_by_key_mouse_and_finger(chromium, address, released):
    """Without motion it rests at once as twenty dots; the word is the record's wherever the line stands."""
    yours, live = pair(released)
    found = shuffle.of(released.comparisons.difference(live, yours), ("live", "yours"))
    page = opened(
        chromium, address, f"compare?run={live}&run={yours}",
        viewport={"width": 400, "height": 900}, reduced_motion="reduce", has_touch=True,
    )  # fmt: skip
    luck = shuffled(page)
    assert luck.get_attribute("data-at") == "rest" and len(dots(luck)) == 20
    assert luck.locator(".play").is_hidden()
    assert luck.locator(".count").inner_text().split() == f"yours ahead in {found.ahead} of 100".split()
    assert luck.locator(".whatif span").inner_text() == found.sentence
    line, told = luck.get_by_role("slider"), len(page.sent)
    word = luck.locator(".verdict b")
    assert word.inner_text() == found.word(0.0)
    line.focus()
    for key, at in (("Home", found.span[0]), ("End", found.span[1]), ("Escape", 0.0)):
        page.keyboard.press(key)
        assert float(line.get_attribute("aria-valuenow")) == pytest.approx(at)
        assert word.inner_text() == found.word(at)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert float(line.get_attribute("aria-valuenow")) == pytest.approx(3 * found.step)
    for drag in (by_mouse, by_finger):
        drag(page, line, 120)
        at = float(line.get_attribute("aria-valuenow"))
        assert at > 3 * found.step and word.inner_text() == found.word(at)
        assert f"in {found.beyond(at)} of 100 shuffles" in luck.locator(".whatif span").inner_text()
        assert luck.locator(".mark.beyond").count() == 5 * sum(dot <= at for dot in found.dots)
        luck.get_by_role("button", name="Back to 0").click()
        assert float(line.get_attribute("aria-valuenow")) == 0
        for _ in range(3):
            page.keyboard.press("ArrowRight")
    assert len(page.sent) == told, "Nothing of this asks the server."
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 400
    page.close()


def by_mouse(page: Any, line: Any, far: int) -> None:
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + far, y, steps=8)
    page.mouse.up()


def by_finger(page: Any, line: Any, far: int) -> None:
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in range(1, 9):
        point = {"x": x + far * part / 8, "y": y}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.slow
def test_it_plays_by_itself_can_be_paused_and_comes_to_rest(chromium, address, released):
    """Five slow draws, then the others; the count is never ahead of what is seen, and the word comes at the end."""
    yours, live = pair(released)
    page = opened(chromium, address, f"compare?run={live}&run={yours}", viewport={"width": 1400, "height": 1000})
    luck = shuffled(page)
    told = len(page.sent)
    luck.scroll_into_view_if_needed()
    luck.get_by_role("button", name="Pause").wait_for()
    assert luck.get_attribute("data-at") == "play"
    luck.locator(".count span", has_text=re.compile(r"of [1-9]")).wait_for()
    luck.get_by_role("button", name="Pause").click()
    count, still = luck.locator(".count").inner_text(), dots(luck)
    page.wait_for_timeout(1500)
    assert (luck.locator(".count").inner_text(), dots(luck)) == (count, still)
    luck.get_by_role("button", name="Go on").click()
    luck.get_by_role("button", name="Shuffle again").wait_for()
    assert len(dots(luck)) == 20 and luck.locator(".count span", has_text="of 100").count() == 1
    assert len(page.sent) == told
    luck.get_by_role("button", name="Shuffle again").click()
    luck.get_by_role("button", name="Pause").wait_for()
    page.close()


@pytest.mark.slow
def test_a_model_goes_live_through_six_lamps(chromium, address, released):
    """Run the check, do the one thing that is missing, promote; the way around it shows only after a refusal."""
    page = opened(chromium, address, "release", viewport={"width": 1400, "height": 1000}, reduced_motion="reduce")
    page.locator(".lamps .waiting").nth(5).wait_for()
    assert page.get_by_text("Release it in spite of the check").count() == 0
    page.get_by_role("button", name="Run the release check").click()
    page.locator(".lamps .unknown.on").first.wait_for()
    assert page.get_by_text("Release it in spite of the check").count() == 1
    page.get_by_text("Release it in spite of the check").click()
    assert page.get_by_role("button", name="Release it all the same").is_disabled()
    page.get_by_label("Why must it go live all the same?").fill("all rows there are")
    page.keyboard.press("Tab")
    idle(page)
    page.get_by_role("button", name="Release it all the same").click()
    page.get_by_text("This is what was known then").wait_for()
    assert released.releases.live("production").override == "all rows there are"
    page.close()


@pytest.mark.slow
def test_from_history_the_decision_of_an_event_is_opened_by_a_key(chromium, address, released):
    """The newest mark is a rehearsal; the one before it went live, and says with what evidence."""
    page = opened(chromium, address, "release", viewport={"width": 1400, "height": 1000})
    line = page.locator(".history").get_by_role("slider")
    line.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("button", name="See the decision").count() == 0
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="See the decision").wait_for()
    page.keyboard.press("d")
    page.get_by_text("What was decided").wait_for()
    event = released.log()[-1]["seq"]
    assert f"decision={event}" not in page.url and "decision=" in page.url
    page.locator(".luck[data-at=rest]").wait_for()
    page.get_by_role("link", name="Close").click()
    page.get_by_text("What was decided").wait_for(state="detached")
    page.close()
