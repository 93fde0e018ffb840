"""Proof in a real browser: a run is broken on purpose and watched, and a run is trained again until somebody cancels."""

from __future__ import annotations

import re

import pytest

from playground import folders
from tests.browser import executable, idle, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]

LONG = "model: {type: random_forest, n_estimators: 4000}\n"


@pytest.fixture
def page(trained, chromium):
    """A page of the app on the workspace `trained`."""
    with served(trained.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, base_url=address)
        yield page
        page.context.close()


def test_a_run_is_broken_watched_and_found_again_after_a_reload(trained, page):
    """The guess first; while it trains a reload loses nothing; the first difference is marked, for keys and on a phone."""
    page.goto("/train")
    page.get_by_role("tab", name="Break it on purpose").click()
    page.get_by_role("button", name="config", exact=True).or_(page.get_by_role("radio", name="config")).first.click()
    page.get_by_role("button", name="Break it", exact=True).click()
    page.get_by_text(re.compile("Training [12] of 2")).wait_for()
    page.reload()
    page.get_by_role("button", name="Cancel").wait_for()
    page.get_by_role("heading", name="The seed: it was never fixed").wait_for()
    page.get_by_text("You said config.").wait_for()

    marked = page.locator('[class*="st-key-chain-two"] a.first')
    assert marked.count() == 1 and "first difference" in marked.inner_text()
    marked.focus()
    assert "no seed" in page.locator('[class*="st-key-chain-two"] .tip').inner_text()
    [copy] = folders.copies(trained.path)
    assert len(trained.runs.list()) == 1 and copy.runs == 3
    page.set_viewport_size({"width": 400, "height": 900})
    idle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert marked.bounding_box()["width"] > 200


def test_a_proof_is_cancelled_amid_its_training(trained, page):
    """Nothing is recorded then; the button is there again."""
    run = trained.train(LONG)
    head = trained.head()
    page.goto(f"/run?id={run.run_id}")
    page.get_by_role("button", name="Reproduce").click()
    page.get_by_text("In a fresh process: train").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Reproduce").wait_for()

    assert trained.head() == head and trained.runs.get(run.run_id).reproduced is None
