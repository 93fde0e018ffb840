"""Three labs in one real browser, by ordinary screens alone: each from the guide through to solved."""

from __future__ import annotations

import re

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


def press(page, name: str, within=None) -> None:
    (within or page).get_by_role("button", name=name, exact=True).first.click()
    idle(page)


def say(page, option: str, button: str) -> None:
    """Choose what is said to a guess or question in the panel, and say it."""
    panel(page).get_by_text(option, exact=True).click()
    idle(page)
    press(page, button, panel(page))


def fill(page, field, text: str) -> None:
    field.fill(text)
    field.press("Tab")
    settle(page)


def the_copy_that_is_no_copy(page, there: Workspace) -> None:
    """Run it twice once its guess is waived, name the cell, copy there, and run each cell twice."""
    press(page, "Show it without a guess", panel(page))
    press(page, "Restart, run all twice")
    page.get_by_text("moved", exact=True).first.wait_for()
    say(page, "net", "Answer")
    page.locator(".st-key-tidy-mend-net").get_by_text("With a copy").click()
    settle(page)
    press(page, "Restart, run each cell twice")


def can_t_reproduce(page, there: Workspace) -> None:
    """Ravi's run has its verdict; one of the own comes again, here and in another folder."""
    say(page, "There is nothing to train", "Guess")
    [his] = there.runs.list("name = 'ravis_best'")
    page.goto(f"{page.address}/run?in=repeat&id={his.run_id}")
    press(page, "Reproduce")
    until(page, lambda: there.runs.get(his.run_id).reproduced)
    page.goto(f"{page.address}/train?in=repeat&open=run")
    before = {run.run_id for run in there.runs.list()}
    press(page, "Train")
    until(page, lambda: [run for run in there.runs.list("status = 'finished'") if run.run_id not in before])
    [mine] = [run.run_id for run in there.runs.list() if run.run_id not in before]
    page.goto(f"{page.address}/run?in=repeat&id={mine}")
    press(page, "Reproduce")
    page.get_by_role("button", name="Prove it in another folder").wait_for()
    idle(page)
    press(page, "Prove it in another folder")


def configuration_drift(page, there: Workspace) -> None:
    """One key put back, one written down, and staging back at the version that was trained from the file."""
    press(page, "Show it without a guess", panel(page))
    say(page, "learning_rate", "Answer")
    for key, reason, button in (
        ("min_samples_leaf", "nobody knows of it", "Put it back"),
        ("learning_rate", "agreed with Lena", "It is meant: write it into the overlay of production"),
    ):
        card = page.locator(f".st-key-worlds-model-{key}")
        fill(page, card.get_by_label("Why"), reason)
        press(page, button, card)
        card.wait_for(state="detached")
    page.goto(f"{page.address}/release?in=configs&view=Roll+back")
    page.get_by_role("radio", name="staging").or_(page.get_by_role("button", name="staging", exact=True)).first.click()
    back = page.get_by_role("button", name=re.compile("^Roll back to v"))
    back.wait_for()
    idle(page)
    fill(page, page.get_by_label("Reason", exact=True), "the afternoon is over")
    back.click()


LABS = {"copy": the_copy_that_is_no_copy, "repeat": can_t_reproduce, "configs": configuration_drift}


def test_three_labs_from_the_guide_through_to_solved(page, tmp_path):
    """Begun on the guide, solved on the screens that everybody knows; the panel says so each time, and the guide."""
    ws = Workspace.open(tmp_path / "workspace", actor="ada")
    with served(ws.path) as page.address:
        for lab, solve in LABS.items():
            page.goto(f"{page.address}/guide?part=Labs")
            page.locator(f".st-key-guide-{lab}").get_by_role("button", name="Start").click()
            page.wait_for_url(f"**in={lab}*")
            idle(page)
            solve(page, course.workspace(ws, lab))
            panel(page).get_by_role("strong").get_by_text("Solved").wait_for()
        panel(page).get_by_role("button", name="See all labs").click()
        for lab in LABS:
            page.locator(f".st-key-guide-{lab}").get_by_text("solved").wait_for()

    assert {course.read(ws).stops[lab].status for lab in LABS} == {"solved"}
    assert all(course.workspace(ws, lab).verify()["ok"] for lab in LABS) and page.errors == []
