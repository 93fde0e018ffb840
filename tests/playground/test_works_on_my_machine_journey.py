"""The lab "Works on my machine" in a real browser, by ordinary screens alone, from the two answers through to solved."""

from __future__ import annotations

import pytest

from mlops import Workspace
from playground import course, parity
from tests.browser import executable, idle, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


@pytest.fixture
def page(chromium):
    """A page that belongs to no server yet; whatever goes wrong in it is kept in `page.errors`."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(180_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.context.close()


def answer(page, said: str) -> None:
    """Let the model of the run on screen answer rows, and wait for what comes out."""
    page.get_by_role("button", name="Answer 100 rows").click()
    page.get_by_text(said).first.wait_for()
    idle(page)


def released(page, button: str, reason: str) -> None:
    page.get_by_role("button", name=button).wait_for()
    idle(page)
    page.get_by_label("Reason", exact=True).fill(reason)
    page.get_by_label("Reason", exact=True).press("Enter")
    idle(page)
    page.get_by_role("button", name=button).click()
    idle(page)


def test_the_package_is_found_and_what_is_live_answers_alike(page, tmp_path):
    """A replay that is not equal, a try that finds the package, a training here, its release, and the proof."""
    ws = Workspace.open(tmp_path / "workspace", actor="ada")
    course.start(ws, "machine")
    course.guess(ws, "machine", 40)
    there = course.workspace(ws, "machine")
    his = there.models.get("churn_model@1.1.0").run_id
    with served(ws.path) as address:
        page.goto(f"{address}/predict?in=machine&open=logged")
        page.get_by_placeholder("Customer, or the id of a prediction").fill("c2402-0009")
        page.get_by_placeholder("Customer, or the id of a prediction").press("Enter")
        page.get_by_text("likely to leave 0.404").wait_for()
        idle(page)
        page.get_by_role("button", name="Replay").last.click()
        page.get_by_text("Not equal").first.wait_for()

        page.goto(f"{address}/run?in=machine&id={his}&open=software")
        page.get_by_text("5 things differ; 3 can change what a model answers").wait_for()
        idle(page)
        answer(page, "In all others something was missing")
        page.get_by_role("button", name="scikit-learn 1.9.1+ravi.2").click()
        idle(page)
        answer(page, "100 of 100 rows are answered as on record with scikit-learn")
        assert {one.moved.get("scikit-learn"): one.equal for one in parity.tries(there, his)} == {
            None: False,
            "1.9.1+ravi.2": True,
        }

        page.goto(f"{address}/train?in=machine&open=run")
        page.get_by_role("button", name="Train", exact=True).click()
        page.get_by_text("AUC").first.wait_for()
        idle(page)
        page.goto(f"{address}/release?in=machine")
        page.get_by_role("button", name="Register", exact=True).click()
        released(page, "Deploy to staging", "rehearsal")
        page.get_by_role("button", name="Run the release check").click()
        released(page, "Promote to production", "trained with the packages that run here")
        page.get_by_text("churn_model@1.2.0 is live in production").first.wait_for()

        mine = there.models.get("churn_model@production").run_id
        page.goto(f"{address}/run?in=machine&id={mine}&open=software")
        page.get_by_text("The same software: nothing differs").wait_for()
        idle(page)
        answer(page, "100 of 100 rows are answered as on record")
        page.locator(".st-key-panel").get_by_role("strong").get_by_text("Solved").wait_for()
    assert course.check(ws, "machine").ok and there.verify()["ok"] and page.errors == []
