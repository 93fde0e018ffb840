"""The step after the history in a real browser: December's customers are kept, waited for, and nothing fails."""

from __future__ import annotations

import pytest

from mlops import Workspace, sample
from tests.browser import executable, idle, served, until
from tests.playground.test_journey import open_page, press, settle

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]

NOT_YET = "Good for predicting, not for training yet"


@pytest.fixture
def december(tmp_path, chromium):
    """A page of the app on 1 December 2023: the history is kept, and Jo's correction of it."""
    ws = Workspace.open(tmp_path / "workspace")
    sample.add(ws)
    ws.datasets.add(sample.FILE.with_name("customers_2023_corrected.csv"), sample.NAME)
    with served(ws.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, base_url=address)
        yield page, ws
        page.context.close()


def test_december_is_kept_for_predicting_and_the_history_is_what_is_trained_on(december):
    """The file says what it is good for; Train goes on with what is known, and succeeds; its outcomes make it ready."""
    page, ws = december
    page.goto("/data")
    page.get_by_text("v2 from v1").wait_for()
    idle(page)
    page.get_by_role("tab", name="New version").click()
    page.get_by_text(NOT_YET).first.wait_for()
    settle(page)
    for box, value in (("Sample file", "customers_2023-12.csv"), ("Column to predict", "churn, not known yet")):
        until(page, lambda box=box, value=value: page.get_by_role("combobox", name=box).input_value() == value)
    press(page, "Keep this version")
    page.get_by_text("customers@3: none of 3,000 outcomes is known").wait_for()

    open_page(page, "Train")
    until(page, lambda: page.get_by_role("combobox", name="Data").input_value() == "customers@2")
    page.get_by_text("customers@3 is newer").wait_for()
    press(page, "Train")
    until(page, lambda: [(run.status, run.data["version"]) for run in ws.runs.list()] == [("finished", 2)])
    page.get_by_text("finished").first.wait_for()

    open_page(page, "Data")
    page.get_by_text("Add outcomes").click()
    settle(page)
    press(page, "Keep these outcomes")
    page.get_by_text("They count from").first.wait_for()
    ws.set_clock("2024-02-01")
    page.reload()
    idle(page)
    page.get_by_text("v3 from v2").wait_for()
    page.get_by_text(NOT_YET).first.wait_for(state="detached")
    assert ws.datasets.readiness("customers@3").trainable
