"""The page of documents in a real browser: no network but this server, and an example that answers when it is pressed."""

from __future__ import annotations

import pytest

from tests.serving.servers import serving


@pytest.mark.browser
@pytest.mark.slow
def test_somebody_reads_the_documents_and_tries_an_example_out_without_a_network(released, chromium):
    """The columns are named, and the example of a row is answered by the version that is live."""
    with serving(released, token="s3cret") as here:
        page = chromium.new_page(http_credentials={"username": "", "password": "s3cret"})
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text) if message.type in ("warning", "error") else None)
        page.goto(f"{here.url}/docs")
        page.locator("#operations-Ask-predict .opblock-summary").click()
        page.get_by_role("tab", name="Schema").first.click()
        assert "It learned from monthly, two years, yearly." in page.locator("#operations-Ask-predict").inner_text()
        page.locator("#operations-Ask-predict .execute").click()
        answer = page.locator("#operations-Ask-predict .live-responses-table .response").first.inner_text()
        assert "200" in answer and '"model_version": "1.1.0"' in answer
        assert "s3cret" not in page.content()

        page.locator("#operations-Ask-invocations .opblock-summary").click()
        page.locator("#operations-Ask-invocations .execute").click()
        answer = page.locator("#operations-Ask-invocations .live-responses-table .response").first.inner_text()
        assert "200" in answer and '"predictions"' in answer
    assert [url for url in asked if not url.startswith(here.url)] == [] and said == []
    assert {url.removeprefix(here.url) for url in asked} >= {"/docs", "/openapi.json", "/predict", "/invocations"}
