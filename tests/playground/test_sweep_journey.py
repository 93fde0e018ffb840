"""A sweep in a real browser: watched while it runs, cancelled, and read afterwards."""

from __future__ import annotations

import re

import pytest

from mlops.training import workers
from tests.browser import executable, idle, served

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]

SLOW = "model: {type: gradient_boosting, n_estimators: 300}\n"
QUICK = "model: {type: gradient_boosting, n_estimators: 5}\n"


@pytest.fixture
def page(trained, chromium):
    """A page of the app on the workspace `trained`."""
    with served(trained.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, base_url=address)
        yield page
        page.context.close()


@pytest.fixture
def pool():
    """A pool that ends with the test."""
    pool = workers.Pool(most=1, spare=False)
    yield pool
    pool.close()


def test_a_sweep_is_watched_refreshed_and_cancelled(trained, page, pool):
    """What the page shows moves by itself, is there again after a reload, and stops when asked to."""
    sweep = trained.sweep(SLOW, {"model.max_depth": "4..15"}, wait=False, pool=pool)
    page.goto(f"/sweep?id={sweep.sweep_id}")
    page.get_by_text(re.compile("([2-9]|1[01]) of 12 trials")).wait_for()
    page.reload()
    page.get_by_role("button", name="Cancel the rest").click()
    page.get_by_role("tab", name="What mattered").wait_for()

    left = trained.sweeps.get(sweep.sweep_id)
    assert not left.open and 2 <= len(left.finished) < 12
    assert trained.runs.queue() == []


@pytest.mark.slow
def test_a_sweep_is_read_with_the_keyboard(trained, page):
    """From the leaderboard to what mattered, and on to the best run."""
    sweep = trained.sweep(QUICK, {"model.max_depth": "1,2,3", "model.learning_rate": "0.05,0.5"})
    page.goto(f"/sweep?id={sweep.sweep_id}")
    page.get_by_role("tab", name="Leaderboard").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_text("6 trials are few for 2 parameters").wait_for()
    page.get_by_role("link", name="Open the best").press("Enter")

    page.get_by_role("heading", name=f"Run {sweep.trials[0].run_id[:7]}", level=1).wait_for()
    idle(page)
