"""A lab in a real browser, from the guide through to solved: nobody guides, and the ordinary screens suffice."""

from __future__ import annotations

import pytest

from mlops import Workspace
from playground import course
from tests.browser import executable, idle, served, settle, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


@pytest.fixture
def page(chromium):
    """A page in which whatever goes wrong is kept."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.context.close()


def panel(page):
    return page.locator(".st-key-panel")


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    idle(page)


def choose(page, label: str, option: str) -> None:
    """Choose an option of a select box; it closes when what is around it is drawn anew, and is then opened again."""
    wanted = page.get_by_role("option").filter(has_text=option)

    def chosen() -> int:
        if not wanted.count():
            page.get_by_label(label, exact=True).first.click()
            page.wait_for_timeout(300)
        return wanted.evaluate_all("all => all.slice(0, 1).map(one => one.click()).length")

    until(page, chosen)
    settle(page)


def judge(page, month: str) -> None:
    """Ask the check on a version's own rows, and then on those of a month."""
    press(page, "Run the release check")
    page.get_by_text("inconclusive").or_(page.get_by_text("Judge on other rows")).first.wait_for()
    idle(page)
    if not page.get_by_label("Month", exact=True).count():
        page.get_by_text("Judge on other rows").click()
        settle(page)
    choose(page, "Month", month)
    press(page, "Judge on these rows")


def train(page, data: str, seed: int) -> None:
    choose(page, "Data", data)
    editor = page.get_by_role("textbox", name="Config as YAML")
    editor.fill(editor.input_value().replace("random_state: 42", f"random_state: {seed}"))
    editor.press("Control+Enter")
    settle(page)
    press(page, "Train")


def registered(page, ws: Workspace, runs: int) -> None:
    """Wait for the run, and give it a version."""
    until(page, lambda: len(ws.runs.list("status = 'finished'")) == runs)
    page.goto(f"{page.address}/release?in=gate&view=Promote")
    press(page, "Register")


def test_the_lab_about_the_gate_from_the_guide_through_to_solved(page, tmp_path):
    """Judge on enough rows, name who pays, see how wide luck is, and release what was judged on fresh rows."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "gate")
    there = course.workspace(ws, "gate")
    course.leave(ws)
    with served(ws.path) as page.address:
        page.goto(f"{page.address}/guide?part=Labs")
        page.locator(".st-key-guide-gate").get_by_role("button", name="Go on").click()
        page.get_by_role("heading", name="Release", level=1).wait_for()
        panel(page).get_by_role("button", name="Show it without a guess").click()
        panel(page).get_by_text("it takes about").wait_for()
        idle(page)
        judge(page, "renewals@1")
        page.get_by_text("1 group gets worse").wait_for()
        panel(page).get_by_text("The islands", exact=True).click()
        idle(page)
        panel(page).get_by_role("button", name="Answer", exact=True).click()
        panel(page).get_by_role("link", name="Run, edit its config").click()
        press(page, "Edit its config")
        page.get_by_role("heading", name="Train", level=1).wait_for()
        idle(page)
        train(page, "customers@1", seed=7)
        registered(page, there, runs=3)
        judge(page, "renewals@1")
        panel(page).get_by_text("2 of 3 goals, 1 holds so far").wait_for()

        page.goto(f"{page.address}/train?in=gate")
        train(page, "customers@3", seed=42)
        registered(page, there, runs=4)
        page.get_by_label("Reason", exact=True).first.fill("rehearsal")
        press(page, "Deploy to staging")
        judge(page, "renewals@2")
        page.get_by_text("20,000 of 20,000 rows are new").wait_for()
        page.get_by_label("Reason", exact=True).last.fill("better, and worse for no group")
        press(page, "Promote to production")
        panel(page).get_by_role("strong").get_by_text("Solved").wait_for()
        panel(page).get_by_role("button", name="See all labs").click()
        page.locator(".st-key-guide-gate").get_by_text("solved").wait_for()

    assert course.read(ws).stops["gate"].status == "solved"
    assert page.errors == []
