"""Training in a real browser: written, started, watched, refreshed and cancelled."""

from __future__ import annotations

import re
import time

import pytest

from mlops import configs
from tests.browser import browser, executable, idle, served

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]

SLOW = "model: {type: gradient_boosting, n_estimators: 5000, max_depth: 8}\n"
QUICK = "model: {type: gradient_boosting, n_estimators: 5}\n"


@pytest.fixture
def page(trained):
    """The Train screen on the workspace `trained`."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    with served(trained.path) as address, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, base_url=address)
        page.set_default_timeout(30_000)
        page.goto("/train")
        editor(page).wait_for()
        idle(page)
        yield page


def editor(page):
    """Return the field of the YAML editor."""
    return page.get_by_role("textbox", name="Config")


def start(page, recipe: str) -> None:
    """Replace the recipe and press Train at once, as people do."""
    editor(page).fill(recipe)
    page.get_by_role("button", name="Train", exact=True).click()


def ended(ws, status: str):
    """Return the run that was started here, the second of its workspace, once it has that status."""
    until = time.monotonic() + 30
    while len(runs := ws.runs.list()) < 2 or runs[0].status != status:
        assert time.monotonic() < until, f"Runs are {[run.status for run in runs]}; the second is not {status}."
        time.sleep(0.1)
    return runs[0]


def test_a_training_is_cancelled(trained, page):
    """What it has learned so far is kept; the button is ready for the next one."""
    start(page, SLOW)
    page.get_by_text(re.compile(r"about \d+ s left")).wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("It made no model; train again").wait_for()

    run = ended(trained, "cancelled")
    assert run.metrics["validation"]["log_loss"] > 0 and run.model_sha256 is None
    assert page.get_by_role("button", name="Train", exact=True).is_enabled()


def test_a_refresh_in_the_middle_of_a_training_finds_it_again(trained, page):
    """The page is gone and back; the training never noticed."""
    start(page, SLOW)
    page.get_by_text(re.compile(r"about \d+ s left")).wait_for()
    page.reload()
    page.get_by_text(re.compile(r"about \d+ s left")).wait_for()
    page.get_by_role("button", name="Cancel").click()

    assert ended(trained, "cancelled").params["model.n_estimators"] == 5000


def test_a_yaml_error_is_marked_at_its_line_and_fixed(page):
    """Nothing can be trained until the line is right; then everything is as before."""
    editor(page).fill("model:\n  type: dummy\n  strategi: prior\n")
    wrong = page.locator(".at.wrong")
    wrong.wait_for()
    assert wrong.inner_text() == "3" and "strategi" in wrong.get_attribute("title")
    assert page.get_by_role("button", name="Train", exact=True).is_disabled()
    editor(page).fill("model:\n  type: dummy\n")
    wrong.wait_for(state="detached")
    page.locator("button:enabled", has_text=re.compile("^.*Train$")).wait_for()


def test_what_was_typed_last_is_trained(trained, page):
    """A click that comes right after the last letter does not train the text of a moment ago."""
    editor(page).fill(QUICK)
    page.get_by_text("model.n_estimators").wait_for()
    editor(page).press("Control+Home")
    editor(page).press_sequentially("training: {random_state: 7}\n")
    page.get_by_role("button", name="Train", exact=True).click()

    wanted = configs.load("training: {random_state: 7}\n" + QUICK)
    assert ended(trained, "finished").config_sha256 == wanted.sha256


def test_the_editor_is_used_with_the_keyboard(page):
    """Tab and Enter indent, Ctrl+Z takes it back, and Escape lets Tab leave."""
    editor(page).fill("model:")
    editor(page).press("Enter")
    editor(page).press_sequentially("type: dummy")
    editor(page).press("Home")
    editor(page).press("Tab")
    assert editor(page).input_value() == "model:\n    type: dummy"
    editor(page).press("Shift+Tab")
    editor(page).press("Control+z")
    assert editor(page).input_value() == "model:\n    type: dummy"
    editor(page).press("Escape")
    editor(page).press("Tab")
    assert not editor(page).evaluate("field => field.matches(':focus')")
