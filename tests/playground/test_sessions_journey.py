"""Several people at one server in real browsers: own workspaces, and links that work for whoever gets them."""

from __future__ import annotations

import pytest

from mlops import Workspace
from tests.browser import executable, idle, served

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]


def visit(chromium, address: str):
    """Open an address as somebody who was never there before."""
    page = chromium.new_context().new_page()
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    idle(page)
    return page


def test_two_sessions_have_two_workspaces_and_see_nothing_of_each_other(chromium, tmp_path):
    """One runs the chain; the other one, at the same time, still has nothing, and then an own chain."""
    with served(tmp_path / "room", "MLOPS_WORKSPACES") as address:
        ada, ben = visit(chromium, address), visit(chromium, address)
        assert ada.url != ben.url
        ada.get_by_role("button", name="Run the chain").click()
        ada.get_by_role("link", name="live v1.0.0").wait_for()
        ben.get_by_role("link", name="Compare", exact=True).first.click()
        ben.get_by_text("No runs yet.").wait_for()
        assert ben.get_by_role("link", name="live v1.0.0").count() == 0
        ben.reload()
        ben.get_by_text("No runs yet.").wait_for()
        again = visit(chromium, ada.url)
        again.get_by_role("link", name="live v1.0.0").wait_for()

    keys = {page.url.partition("ws=")[2][:20] for page in (ada, ben)}
    runs = {key: len(Workspace.open(tmp_path / "room" / key, create=False).runs.list()) for key in keys}
    assert sorted(runs.values()) == [0, 1]


@pytest.mark.slow
def test_a_link_names_a_run_a_comparison_or_an_instant_and_back_works(chromium, released):
    """Whoever gets a link sees the same, without having been anywhere before; Back leads where one came from."""
    newer, older = (run.run_id for run in released.runs.list())
    with served(released.path) as address:
        page = visit(chromium, f"{address}/run?id={older}")
        page.get_by_text("Made from").wait_for()
        assert page.get_by_text(older[:7]).count()
        page = visit(chromium, f"{address}/compare?run={older}&run={newer}")
        page.get_by_text(f"against live {newer[:7]}").wait_for()
        page = visit(chromium, f"{address}/release?view=Go+to&on=2024-02-01&at=12%3A00&tz=UTC&env=production")
        page.get_by_text("v1.0.0").first.wait_for()
        page.get_by_role("link", name="data A customers@1").click()
        page.get_by_role("heading", name="Data", level=1).wait_for()
        page.go_back()
        page.get_by_role("heading", name="Release", level=1).wait_for()
