"""Comparing in a real browser: three runs, one threshold, and counts that anybody can check."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.browser import executable, idle, served
from tests.conftest import STUMP
from tests.screens import contrast

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]


def test_three_runs_are_compared_and_the_counts_are_those_of_the_downloaded_answers(trained, chromium, tmp_path):
    """The threshold is moved with the keyboard; then the counts are counted again in the file."""
    for depth in (2, 3):
        trained.train(STUMP, overrides={"model.max_depth": depth})
    runs = [run.run_id for run in trained.runs.list()]
    with served(trained.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(30_000)
        page.goto(f"{address}/compare?{'&'.join(f'run={run}' for run in runs)}")
        page.get_by_text("The best of 3 looks better than it is").wait_for()
        slider = page.get_by_role("slider", name="Threshold")
        before = float(slider.input_value())
        for _ in range(5):
            slider.press("ArrowRight")
        page.get_by_text(f"At {before + 0.05:g}").wait_for()
        idle(page)
        counts = download(page, "Counts", tmp_path / "counts.csv").set_index("Run")
        for run in runs:
            label = f"{'older' if run == runs[-1] else 'newer'} {run[:7]}"
            answers = download(page, f"Answers {label}", tmp_path / f"{run}.csv")
            said, true = answers["probability"] >= round(before + 0.05, 2), answers["label"] == 1
            expected = [(said & true).sum(), (said & ~true).sum(), (~said & true).sum(), (~said & ~true).sum()]
            assert list(counts.loc[label, ["tp", "fp", "fn", "tn"]]) == expected
        assert "threshold=" in page.url


def test_back_takes_back_a_tick(trained, chromium):
    """And Forward ticks it again: the table, the comparison and the URL say the same."""
    for depth in (2, 3):
        trained.train(STUMP, overrides={"model.max_depth": depth})
    third, *pair = (run.run_id for run in trained.runs.list())
    with served(trained.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(30_000)
        page.goto(f"{address}/compare?{'&'.join(f'run={run}' for run in pair)}")
        page.get_by_text(f"newer {pair[0][:7]} against older {pair[1][:7]}").wait_for()
        idle(page)
        # The pair stands on top; the third row is the run that no link named.
        table = page.get_by_test_id("data-grid-canvas").first.bounding_box()
        page.mouse.click(table["x"] + 18, table["y"] + 52 + 2 * 35)
        page.get_by_text("The best of 3 looks better than it is").wait_for()
        assert page.url.endswith(f"run={third}")
        page.go_back()
        page.get_by_text(f"newer {pair[0][:7]} against older {pair[1][:7]}").wait_for()
        idle(page)
        assert third not in page.url
        page.go_forward()
        page.get_by_text("The best of 3 looks better than it is").wait_for()


TEXTS = """selector => [...document.querySelectorAll(selector)].filter(one => one.textContent.trim()).map(one =>
  [one.textContent, getComputedStyle(one)[one instanceof SVGElement ? 'fill' : 'color']])"""
BACKGROUNDS = {"light": "rgb(252, 252, 250)", "dark": "rgb(18, 23, 29)"}


@pytest.mark.parametrize("theme", BACKGROUNDS)
def test_text_in_figures_and_popovers_can_be_read(trained, chromium, theme):
    """In light and in dark: 4.5 : 1 at least."""
    trained.train(STUMP, overrides={"model.max_depth": 2})
    with served(trained.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, color_scheme=theme)
        page.set_default_timeout(30_000)
        page.goto(f"{address}/compare?chart=Confusion")
        page.locator(".textpoint").first.wait_for()
        page.get_by_role("button", name="Costs").click()
        page.get_by_text("What one row is worth to you").wait_for()
        found = page.evaluate(TEXTS, "[data-testid=stPlotlyChart] svg text, [data-testid=stPopoverBody] p")

    assert len(found) > 10 and not {text: fill for text, fill in found if contrast(fill, BACKGROUNDS[theme]) < 4.5}


def download(page, label: str, path) -> pd.DataFrame:
    """Press a download button and read the file."""
    with page.expect_download() as found:
        page.get_by_role("button", name=label, exact=True).click()
    found.value.save_as(path)
    return pd.read_csv(path)
