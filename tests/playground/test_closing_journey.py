"""The close of the tour in a real browser: the tree by keyboard, the real tests, a message, a diff, a merge, a download."""

from __future__ import annotations

import zipfile

import pytest

from mlops import Workspace
from playground import closing
from tests.browser import downloaded, executable, idle, served, settle, until
from tests.screens import build_the_chain

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


def test_from_the_tree_to_the_merge_and_out_of_the_door(chromium, tmp_path):
    """Nothing is shown that did not happen: the tests train, git merges, the file that is downloaded has it all."""
    ws = Workspace.open(tmp_path / "workspace")
    build_the_chain(ws)
    page, errors = chromium.new_page(viewport={"width": 1400, "height": 1000}), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with served(ws.path) as address:
        page.goto(f"{address}/guide")
        page.get_by_role("button", name="Your project").click()
        page.get_by_role("button", name="Write my project").click()
        tree = page.get_by_role("tree", name="Your project")
        tree.wait_for()
        idle(page)

        lines = tree.locator("xpath=..").locator("svg.lines")
        assert lines.locator("path").count() == 8  # data, models, two of configs, experiments, three files
        tree.get_by_role("treeitem", name="data, ").press("ArrowDown")
        tree.get_by_role("treeitem", name="models, ").press("ArrowRight")
        assert tree.get_by_role("treeitem", name="churn_model_v1.0.0.joblib").is_visible()
        tree.get_by_role("treeitem", name="models, ").press("ArrowUp")
        assert lines.locator("path.lit").get_attribute("data-to") == "customers@1"
        tree.get_by_role("treeitem", name="data, ").press("Enter")
        page.get_by_role("heading", name="Data", level=1).wait_for()
        page.go_back()
        page.get_by_role("tab", name="Your project").click()
        page.get_by_role("button", name="Run its tests").click()
        page.get_by_text("Which message of yours helps them?").wait_for()
        page.reload()  # the job is found again
        page.get_by_text("Fix time").click()
        settle(page)
        page.get_by_role("button", name="Commit", exact=True).click()
        page.get_by_text("Somebody will look for a fault that never was.").wait_for()
        idle(page)
        page.get_by_text("Score at 5, not at 6").first.click()
        settle(page)
        page.get_by_role("button", name="Commit again").click()
        page.get_by_role("button", name="Approve").click()
        page.get_by_text("tests passed").wait_for()
        idle(page)
        assert tree.get_by_role("treeitem", name="test_training.py").locator(".mark.passed").is_visible()
        page.get_by_role("button", name="Merge").click()
        page.get_by_text("Code in version control").wait_for()
        idle(page)
        assert page.locator(".log circle.merge").count() == 1 and page.locator(".log circle.lane1").count() == 1
        with zipfile.ZipFile(downloaded(page, "The whole project")) as packed:
            assert "0 5 * * *" in packed.read("workspace-project-1/crontab").decode()
            assert "workspace-project-1/.git/HEAD" in packed.namelist()

        page.set_viewport_size({"width": 400, "height": 900})
        row = tree.get_by_role("treeitem", name="data, ")
        until(page, lambda: row.get_by_role("link", name="Open data customers@1").is_visible())
        assert not lines.is_visible()
        done = page.get_by_text("Code in version control")  # what there is to do stands above twenty rows
        assert done.bounding_box()["y"] < row.bounding_box()["y"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    found = closing.read(ws)
    assert found.move == "over" and all(fact.ok for fact in closing.facts(found)) and ws.verify()["ok"]
    assert errors == []
