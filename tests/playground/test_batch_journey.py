"""A large file on Predict in a real browser: how far it is, cancelled in the middle, gone on with, every night."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.browser import executable, idle, served, until
from tests.conftest import customers_frame

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]

ROWS = 600_000


def test_a_large_file_is_cancelled_and_goes_on_where_it_was(released, chromium, tmp_path):
    """A bar and a way out after half a second; nothing half-done is left; the second time knows what was there."""
    few = customers_frame(rows=ROWS // 100, seed=5).drop(columns=["churn", "signed_up"])
    many = pd.concat([few] * 100, ignore_index=True)
    many.assign(customer_id=range(ROWS)).to_csv(tmp_path / "many.csv", index=False)
    with served(released.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{address}/predict")
        page.get_by_role("tab", name="A file").click()
        page.get_by_text("Your file").click()
        page.locator("input[type=file]").set_input_files(tmp_path / "many.csv")
        page.get_by_text("many.csv").first.wait_for()
        idle(page)
        page.get_by_role("button", name="Predict the file").click()
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("Cancelled, and nothing half-done is left.").wait_for()
        idle(page)
        until(page, lambda: not [*(released.path / "tmp").iterdir()])
        assert released.batches.list() == []

        page.get_by_role("button", name="Predict the file").click()
        page.get_by_text("of them before it was cut off").wait_for()
        until(page, lambda: released.batches.list())
        [report] = released.batches.list()
        assert report.rows == ROWS and 0 < report.resumed < ROWS
        assert not [*(released.path / "cache").glob("*.answers")]

        page.get_by_role("button", name="Every night").click()
        page.get_by_text("would press this button").wait_for()
        page.get_by_text("0 2 * * * cd").wait_for()
        page.close()
