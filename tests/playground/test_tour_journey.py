"""The tour in a real browser, by keyboard alone: guess, act, check, solved; through a reload and another server."""

from __future__ import annotations

import re

import pytest

from mlops import Workspace
from playground import course
from tests.browser import executable, idle, served, settle, until

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]

FOCUSED = """() => {
  let one = document.activeElement
  while (one && one.shadowRoot && one.shadowRoot.activeElement) one = one.shadowRoot.activeElement
  const said = one.matches('a, button, summary, [role=tab]') ? one.innerText : ''  // what scrolls has the keyboard as well
  return [one.getAttribute('aria-label'), one.placeholder, said, one.type].filter(Boolean).join(' | ')
}"""
"""What has the keyboard, also inside of a component."""

SHIFTS = """() => { window.shifts = []; new PerformanceObserver(list => list.getEntries().forEach(one => {
  if (!one.hadRecentInput) window.shifts.push(one.value) })).observe({ type: 'layout-shift'}) }"""


@pytest.fixture
def page(chromium):
    """A page that belongs to no server yet; whatever goes wrong in it is kept in `page.errors`."""
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.context.close()


def tab_to(page, name: str) -> None:
    """Press Tab until something of that name has the keyboard."""
    for _ in range(120):
        if re.search(name, page.evaluate(FOCUSED)):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"No Tab leads to {name!r}; the last one has led to {page.evaluate(FOCUSED)!r}.")


def press(page, name: str) -> None:
    """Go there by Tab and press Enter."""
    tab_to(page, name)
    page.keyboard.press("Enter")
    settle(page)


def said(page) -> str:
    return str(page.locator(".st-key-panel").inner_text())


def test_the_first_stop_by_keyboard_alone_through_a_reload_and_another_server(page, tmp_path):
    """Nobody needs a mouse, and nothing that was said or done is asked for again."""
    with served(tmp_path / "workspace") as address:
        page.goto(address)
        page.get_by_role("button", name="Run the chain").wait_for()
        idle(page)
        press(page, "^Run the chain")
        page.locator(".st-key-panel").wait_for()
        tab_to(page, "Of 100 customers who will leave.*range")
        page.keyboard.press("PageUp")
        page.keyboard.press("ArrowRight")
        assert "guess first" in page.locator("[data-testid=stMain]").inner_text()
        page.keyboard.press("Enter")
        page.get_by_text("You said 61").first.wait_for()
        page.reload()
        page.get_by_text("You said 61").first.wait_for()
        page.get_by_role("link", name="Ask about one customer").wait_for()
    with served(tmp_path / "workspace") as address:
        page.goto(address)
        page.get_by_role("link", name="Ask about one customer").wait_for()
        idle(page)
        page.get_by_text("2 of 3 goals").wait_for()
        assert re.search(r"You said 61; it finds \d+", said(page))
        press(page, "Ask about one customer")
        page.get_by_role("heading", name="Predict", level=1).wait_for()
        idle(page)
        press(page, "Predict \\| submit")
        page.get_by_role("strong").get_by_text("Solved").wait_for()
        press(page, "Next: Freeze the data")
        page.get_by_text("Stop 2 ·").wait_for()

    ws = Workspace.open(tmp_path / "workspace", create=False)
    assert (course.read(ws).stops["notebook"].status, course.read(ws).current) == ("solved", "freeze")
    assert len(ws.runs.list()) == 1 and len(ws.releases.timeline("production")) == 1
    assert page.errors == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1400, 400])
def test_nothing_jumps_while_the_chain_is_built(page, tmp_path, width):
    """What moves by itself is lost to whoever reads it: the sum of all shifts stays under 0.05."""
    page.set_viewport_size({"width": width, "height": 900})
    with served(tmp_path / "workspace") as address:
        page.goto(address)
        page.get_by_role("button", name="Run the chain").wait_for()
        idle(page)
        page.get_by_role("button", name="Run the chain").click()
        page.get_by_role("button", name="Cancel").wait_for()
        settle(page)
        page.evaluate(SHIFTS)
        page.get_by_role("link", name="Ask about one customer").wait_for()
        page.wait_for_timeout(500)

        assert sum(page.evaluate("window.shifts")) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("width", [1400, 400])
def test_nothing_jumps_while_a_page_comes_with_a_stop_under_way(page, tmp_path, width):
    """From the first byte on a page has its shape; what is still loaded, has its place kept."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "notebook")
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(f"({SHIFTS})()")
    with served(ws.path) as address:
        for name in ("", "data", "train", "release", "predict", "guide"):
            page.goto(f"{address}/{name}")
            page.locator(".st-key-panel").wait_for(state="attached")
            settle(page)
            shifts = page.evaluate("window.shifts")

            assert sum(shifts) < 0.05, f"/{name}: {shifts}"


@pytest.mark.slow
def test_on_a_narrow_screen_the_panel_is_a_bar_that_opens(page, tmp_path):
    """It says what there is to do and covers nothing by itself; whoever wants more opens it, and Escape closes it."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "notebook")
    page.set_viewport_size({"width": 400, "height": 800})
    with served(ws.path) as address:
        page.goto(f"{address}/data")
        panel = page.locator(".st-key-panel")
        bar = panel.get_by_role("button", name="Of 100 customers who will leave")
        bar.wait_for()
        settle(page)
        assert 800 - 58 <= panel.bounding_box()["y"] <= 800 - 56
        bar.press("Enter")
        until(page, lambda: panel.bounding_box()["y"] < 600 and bar.get_attribute("aria-expanded") == "true")
        bar.press("Escape")
        until(page, lambda: 800 - 58 <= panel.bounding_box()["y"] <= 800 - 56)


def test_the_panel_covers_nothing(page, tmp_path):
    """From 1200 pixels on the page makes room for it."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "notebook")
    page.set_viewport_size({"width": 1200, "height": 800})
    with served(ws.path) as address:
        page.goto(f"{address}/train")
        page.locator(".st-key-panel").wait_for()
        idle(page)
        main, panel = (page.locator(one).bounding_box() for one in ("[data-testid=stMain]", ".st-key-panel"))

        assert panel["width"] == 300 and main["x"] + main["width"] <= panel["x"]


@pytest.mark.slow
def test_the_situation_is_copied_in_the_browser(page, tmp_path):
    """Plain text for whoever is asked for help."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "notebook")
    with served(ws.path) as address:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        page.goto(f"{address}/data")
        page.get_by_role("button", name="Copy my situation").click()
        page.get_by_role("button", name="Copied").wait_for()

        assert page.evaluate("navigator.clipboard.readText()") == course.situation(ws, "notebook")


def choose(page, key: str, times: int) -> None:
    """Go to the radio buttons by Tab and along them by arrows."""
    tab_to(page, "radio")
    for _ in range(times):
        page.keyboard.press(key)
        settle(page)


@pytest.mark.slow
def test_the_seventh_stop_by_keyboard_alone(page, tmp_path):
    """A wrong answer gets its reply; then the list, the replay of two o'clock, a guess, and the way back."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "rollback")
    with served(ws.path) as address:
        page.goto(f"{address}/release?in=rollback")
        page.get_by_role("heading", name="Release", level=1).wait_for()
        settle(page)
        choose(page, "ArrowDown", 2)
        press(page, r"^Answer \|")
        page.get_by_text("That is 14:00 UTC.").wait_for()
        choose(page, "ArrowUp", 2)
        press(page, r"^Answer again \|")
        page.get_by_text("Replay c2403-0078").first.wait_for()
        press(page, "Look on Predict")
        page.get_by_role("heading", name="Predict", level=1).wait_for()
        settle(page)
        answer_of_two_o_clock(page)
        choose(page, "ArrowDown", 1)
        press(page, r"^Guess \|")
        page.get_by_text("A known-good version serves").first.wait_for()
        press(page, "Release, ")
        page.get_by_role("heading", name="Release", level=1).wait_for()
        settle(page)
        roll_back(page)
        page.get_by_role("strong").get_by_text("Solved").wait_for()

    chapter = course.workspace(ws, "rollback")
    assert course.read(ws).stops["rollback"].status == "solved"
    assert chapter.releases.live("production").model["version"] == "1.6.0" and ws.releases.live("production") is None
    assert page.errors == []


def answer_of_two_o_clock(page) -> None:
    """Find the answer of 18:00 UTC among those that were logged, replay it, and say its probability."""
    tab_to(page, "Customer, or the id")
    page.keyboard.type("c2403-0078")
    page.keyboard.press("Enter")
    settle(page)
    tab_to(page, r"Replay \|")  # the newest one
    page.keyboard.press("Tab")
    press(page, r"Replay \|")
    page.get_by_text("18:00 UTC").first.wait_for()
    page.get_by_text("Sent then").first.wait_for()
    found = re.search(
        r"18:00 UTC\s+Sent then.*?probability (0\.\d+)", page.locator("[data-testid=stMain]").inner_text(), re.S
    )
    assert found
    tab_to(page, "Replay c2403-0078.s answer of 2 pm: its probability.*text")
    page.keyboard.type(found[1])
    page.keyboard.press("Enter")
    settle(page)
    press(page, r"^Answer \|")


def roll_back(page) -> None:
    """Say why, and do it: the link of the goal has opened the drawer of going back."""
    tab_to(page, "Reason.*text")
    page.keyboard.type("complaints since five")
    page.keyboard.press("Enter")
    settle(page)
    press(page, "Roll back to v1.6.0")


@pytest.mark.slow
def test_the_second_stop_from_the_guesses_to_the_model_of_before(page, tmp_path):
    """Jo's file is kept, trained on, and version 1 gives its model again; each act ticks its goal by itself."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "notebook")
    course.carry_out(ws, course.stop("notebook").mission.solution)
    course.start(ws, "freeze")
    with served(ws.path) as address:
        page.goto(f"{address}/data?keep=corrected")
        page.get_by_role("heading", name="Data", level=1).wait_for()
        settle(page)
        panel = page.locator(".st-key-panel")
        panel.get_by_text("data", exact=True).click()
        settle(page)
        panel.get_by_role("button", name="Guess", exact=True).click()
        panel.get_by_role("slider").press("PageDown")
        panel.get_by_role("slider").press("Enter")
        page.get_by_text("You said 1,200").first.wait_for()
        page.get_by_role("button", name="Keep this version").click()
        page.get_by_text("1 of 3 goals").wait_for()
        page.get_by_role("link", name="Train", exact=True).first.click()
        page.get_by_role("heading", name="Train", level=1).wait_for()
        settle(page)
        page.get_by_role("button", name="Train", exact=True).click()
        page.get_by_text("2 of 3 goals").wait_for()
        assert re.search(r"You said 1,200; it is \d+, from 312 changed cells", said(page))
        page.get_by_role("link", name="Data", exact=True).first.click()
        page.get_by_role("heading", name="Data", level=1).wait_for()
        settle(page)
        page.get_by_role("tab", name="Restore").click()
        page.get_by_role("button", name="Train with it again").click()
        page.get_by_role("heading", name="Train", level=1).wait_for()
        settle(page)
        page.get_by_role("button", name="Train", exact=True).click()
        page.get_by_role("strong").get_by_text("Solved").wait_for()
        panel.get_by_text("Because disks are cheap.").click()
        settle(page)
        page.get_by_role("button", name="Say it", exact=True).click()
        page.get_by_text("Then it is a habit.").wait_for()

    assert course.read(ws).stops["freeze"].status == "solved" and page.errors == []
