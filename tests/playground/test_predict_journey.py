"""Predict in a real browser: a value moves and the answer with it, the ghost stays behind, a file is told and kept."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.browser import downloaded, executable, idle, served, settle
from tests.conftest import LOGISTIC, customers_frame

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]


def shares(page: Any) -> list[int]:
    """Return what the gauges say, in percent."""
    return [int(told.strip("%")) for told in page.locator(".one-row .big").all_text_contents()]


def field(page: Any, label: str) -> Any:
    return page.locator(".one-row .field").filter(has=page.get_by_text(label, exact=True))


def row(page: Any) -> dict[str, Any]:
    """Return the row as the form holds it, once its script has drawn it."""
    found: dict[str, Any] = json.loads(page.locator(".one-row[data-row]").get_attribute("data-row"))
    return found


def test_the_answer_moves_with_a_value_and_a_file_is_told(released, chromium, tmp_path):
    """Dragging asks nobody; the server hears of the row once; what is shown is what a caller gets; all of it stays."""
    run = released.train(LOGISTIC, overrides={"features.exclude": ["region"]})  # yours
    customers_frame(rows=200, seed=5).drop(columns="churn").to_csv(tmp_path / "march.csv", index=False)
    with served(released.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        sent: list[Any] = []
        errors: list[Any] = []
        page.on("pageerror", lambda error: errors.append(error))
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        page.goto(f"{address}/predict")
        page.locator(".one-row .arc").nth(1).wait_for()
        idle(page)
        assert page.locator(".one-row .name").all_text_contents() == ["live v1.1.0", f"yours run {run.run_id[:7]}"]

        # Where the answer would be another one is shaded, within the line of values.
        shaded = page.locator(".one-row rect.yes").evaluate_all(
            "all => all.map(one => [one.x.baseVal.value, one.x.baseVal.value + one.width.baseVal.value])"
        )
        assert shaded and all(0 <= begin < end <= 100.01 for begin, end in shaded)

        # A drag: the answer moves, the ghost stays, nobody is asked; then the server hears of it once.
        slide, before = field(page, "monthly fee").locator(".slide"), shares(page)
        settle(page)
        frames, box = len(sent), slide.bounding_box()
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * 0.02, middle)
        page.mouse.down()
        told = []
        for part in (0.02, 0.3, 0.6, 0.98):
            page.mouse.move(box["x"] + box["width"] * part, middle, steps=4)
            told.append(shares(page)[0])
        assert told == sorted(told) and len({*told}) > 2 and len(sent) == frames
        assert f"before: {before[0]}%" in page.locator(".one-row .before").first.text_content()
        page.mouse.up()
        idle(page)
        asked = row(page)
        live, yours = (released.predictions.suppose(who, asked)[0] for who in ("churn_model@1.1.0", run.run_id))
        assert shares(page) == [round(100 * one["churn_probability"]) for one in (live, yours)]
        assert released.predictions.list() == []

        # By keyboard and by typing; beyond the data it is said.
        age = field(page, "age").locator(".box")
        age.fill("130")
        age.press("Enter")
        field(page, "age").get_by_text(re.compile("never tried")).wait_for()
        age.press("ArrowDown")
        settle(page)
        assert row(page)["age"] < 130 and not field(page, "age").locator(".note").text_content()
        field(page, "contract").locator(".chip").filter(has_text="yearly").click()
        settle(page)
        assert row(page)["contract"] == "yearly"

        # Asked for real, logged, and all of it is there after another page and after a reload.
        page.get_by_role("button", name="Predict", exact=True).click()
        page.get_by_text("Answered and logged").wait_for()
        idle(page)
        [logged] = released.predictions.list()
        stood = row(page)
        assert {name: logged["row"][name] for name in stood} == stood
        page.get_by_role("link", name="Data").first.click()
        page.get_by_role("heading", name="Data").first.wait_for()
        page.get_by_role("link", name="Predict").first.click()
        page.get_by_text("Answered and logged").wait_for()
        page.reload()
        page.get_by_text(logged["prediction_id"]).wait_for()
        idle(page)
        assert row(page) == stood

        # A file.
        page.get_by_role("tab", name="A file").click()
        page.get_by_text("Your file").click()
        page.locator("input[type=file]").set_input_files(tmp_path / "march.csv")
        page.get_by_role("button", name="Predict the file").click()
        page.get_by_text("customers to call").first.wait_for()
        idle(page)
        batch = released.batches.list()[0]
        assert page.get_by_role("heading", name=f"{batch.positive} of 200 customers to call").is_visible()
        page.reload()
        page.get_by_role("heading", name=f"{batch.positive} of 200 customers to call").wait_for()
        assert len(downloaded(page, "All answers").read_text().splitlines()) == 201
        assert not errors
        page.close()
