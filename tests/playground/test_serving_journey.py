"""REST in a real browser: a server is started, called, seen to follow a rollback, and stopped; its snippets work there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import executable, idle, served, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


def calls(page: Any) -> list[list[str]]:
    """Return the calls that the console lists, the newest first: number, status, digits, version."""
    rows = page.locator(".console .call")
    return [
        [row.locator(f".{part}").inner_text() for part in ("number", "status", "answer", "by")] for row in rows.all()
    ]


def test_a_server_is_started_called_rolled_back_beneath_and_stopped(released, chromium):
    """The next call after a rollback on Release is answered by the version of then, and the console says so."""
    with served(released.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        errors: list[Any] = []
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(f"{address}/predict?open=rest")
        page.get_by_role("button", name="Start a server").click()
        page.get_by_role("button", name="Call it").wait_for()
        idle(page)
        assert page.locator(".console .version").inner_text() == "v1.1.0"
        page.get_by_role("button", name="Call it").click()
        page.locator(".console .call").wait_for()
        [logged] = released.predictions.list()
        assert calls(page) == [["1", "200", repr(logged["score"]), "v1.1.0"]] and logged["door"] == "rest"

        # The JavaScript, word for word, on the server's own page; it is counted like any other call.
        page.get_by_text("JavaScript", exact=True).click()
        idle(page)
        code = page.locator('[data-testid="stCode"] code').first.inner_text()
        url = re.search(r"http://127\.0\.0\.1:\d+", code)[0]
        told: list[str] = []
        docs = chromium.new_page()
        docs.on("console", lambda message: told.append(message.text))
        docs.goto(f"{url}/docs")
        docs.get_by_text("/predict").first.wait_for()
        docs.add_script_tag(content=code)
        until(docs, lambda: [text for text in told if repr(logged["score"]) in text])
        docs.close()
        page.get_by_text("2 calls.").wait_for()

        page.get_by_role("link", name="Release").first.click()
        page.get_by_role("heading", name="Release", level=1).wait_for()
        idle(page)
        page.get_by_text("Roll back", exact=True).first.click()
        idle(page)
        page.get_by_label("Reason").last.fill("complaints since five")
        page.get_by_role("button", name=re.compile("Roll back to")).click()
        until(page, lambda: released.releases.live("production").model["version"] == "1.0.0")
        page.get_by_role("link", name="Predict").first.click()
        page.get_by_role("tab", name="REST").click()
        page.locator(".console .version", has_text="v1.0.0").wait_for()
        idle(page)
        page.get_by_role("button", name="Call it").click()
        page.get_by_text("v1.0.0 answers now", exact=True).wait_for()
        assert [row[3] for row in calls(page)] == ["v1.0.0", "v1.1.0"]
        page.get_by_text("v1.0.0 answers now, v1.1.0 before. 3 calls.").wait_for()

        page.get_by_role("button", name="Stop").click()
        page.get_by_role("button", name="Start a server").wait_for()
        idle(page)
        assert page.locator(".console").get_attribute("data-state") == "none" and not errors
        page.close()
