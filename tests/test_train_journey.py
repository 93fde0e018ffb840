"""Training in a real browser: watched, left alone, reloaded, cancelled; and a config that is wrong until it is right."""

from __future__ import annotations

import pytest

from mlops import Workspace
from tests.browser import browser, executable, idle, served

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]

LONG = "model: {type: gradient_boosting, n_estimators: 9000, max_depth: 4}"


@pytest.fixture
def page(trained: Workspace):
    """The Train screen on a workspace with one run."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    with served(trained.path) as address, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, base_url=address)
        page.set_default_timeout(30_000)
        page.goto("/train")
        page.get_by_role("textbox", name="Config as YAML").wait_for()
        idle(page)
        yield page
        for run in trained.runs.list("status in ('queued', 'running')"):
            trained.runs.cancel(run.run_id, wait=30)


def write(page, text: str) -> None:
    """Replace the config, and tell the app at once."""
    editor = page.get_by_role("textbox", name="Config as YAML")
    editor.fill(text)
    editor.press("Control+Enter")
    page.wait_for_timeout(300)
    idle(page)


def start(page, text: str) -> None:
    """Train a config and wait until it is under way."""
    write(page, text)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("running").first.wait_for()


def test_a_training_is_cancelled_and_what_it_had_stays(page, trained):
    """The log, the steps and the last point of the curve are kept; no model is."""
    start(page, LONG)
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_text("It made no model").wait_for()

    run = trained.runs.list()[0]
    assert (run.status, run.model_sha256) == ("cancelled", None)
    assert run.metrics["validation"] and trained.runs.text(run.run_id, "train.log")


def test_a_training_goes_on_while_its_page_is_reloaded_and_another_one_is_looked_at(page, trained):
    """It is found again as it is, by its steps and its Cancel button."""
    start(page, LONG)
    run = trained.runs.list()[0].run_id
    page.reload()
    page.get_by_role("button", name="Cancel", exact=True).wait_for()
    assert page.get_by_text(run[:7]).count()
    page.get_by_role("link", name="Data", exact=True).first.click()
    page.get_by_role("heading", name="Data", level=1).wait_for()
    page.go_back()
    page.get_by_role("button", name="Cancel", exact=True).wait_for()

    assert trained.runs.get(run).status == "running"


def test_every_screen_shows_that_something_trains_until_it_is_over(page, trained):
    """The strip of another screen changes by itself, however the training ended."""
    start(page, LONG)
    page.get_by_role("link", name="Data", exact=True).first.click()
    page.get_by_role("heading", name="Data", level=1).wait_for()
    at_work = page.get_by_role("navigation", name="The chain").get_by_role("link", name="running")
    at_work.wait_for()
    trained.runs.cancel(trained.runs.list()[0].run_id)
    at_work.wait_for(state="detached")


def test_a_second_training_waits_in_the_queue_where_everybody_sees_it(page, trained):
    """It has a place, and can be cancelled before it begins."""
    start(page, LONG)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("in the queue").wait_for()
    page.get_by_role("button", name="Cancel", exact=True).last.click()
    page.get_by_text("in the queue").wait_for(state="detached")

    assert sorted(run.status for run in trained.runs.list()[:2]) == ["cancelled", "running"]


def test_a_config_that_is_wrong_says_where_and_trains_once_it_is_right(page, trained):
    """The line is marked, the suggestion is read, the key is corrected."""
    write(page, "model:\n  type: gradient_boosting\n  max_dept: 2\n  n_estimators: 5\n")
    page.get_by_text("Did you mean").wait_for()
    assert page.get_by_role("button", name="Train", exact=True).is_disabled()
    assert page.locator(".at.wrong").inner_text() == "3"
    write(page, "model:\n  type: gradient_boosting\n  max_depth: 2\n  n_estimators: 5\n")
    page.get_by_text("Did you mean").wait_for(state="detached")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Same recipe and data as").wait_for()

    run = trained.runs.list()[0]
    assert (run.status, run.params["model.max_depth"]) == ("finished", 2)
