"""Comparing in a real browser: a hundred people who ask nobody, and counts that anybody can check."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from playground import desk, hundred, reference
from playground.ui.compare import hundred as screen
from playground.ui.compare.compared import Compared
from tests.browser import downloaded, executable, idle, resting, served, until
from tests.conftest import STUMP
from tests.screens import contrast

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]


@pytest.fixture
def compared(released, chromium):
    """A page that compares a weak model of the learner with what is live, and counts what it tells the server."""
    own = released.train(STUMP, overrides={"model.max_depth": 2})
    live = released.runs.list()[1]
    with served(released.path) as address:
        context = chromium.new_context(viewport={"width": 1400, "height": 1000}, has_touch=True)
        page = context.new_page()
        page.told, page.runs = [], (live, own)
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: page.told.append(frame)))
        page.goto(f"{address}/compare?run={own.run_id}&run={live.run_id}")
        page.locator(".hundred .figure").first.wait_for()
        idle(page)
        page.locator(".hundred .worth").scroll_into_view_if_needed()
        resting(page, page.locator(".hundred .people").first)
        yield page
        context.close()


def figures(ws, runs) -> hundred.Hundred:
    """Return what a page that compares two runs draws."""
    called = reference.of(ws, [run.run_id for run in runs])
    return screen.of(ws, Compared(tuple(ws.runs.get(run_id) for run_id in called.run_ids), called))


def caption(page) -> str:
    """Return the caption as it reads, the numbers in it among its words."""
    return page.locator(".hundred .caption").evaluate(
        "one => [...one.childNodes].map(part => part.value ?? part.textContent).join('')"
    )


def test_moving_the_line_and_pulling_the_caption_asks_nobody_and_says_what_python_says(compared, released):
    """By mouse, touch and keyboard; what was said is told once it is done with, and stands there after a reload."""
    page, found = compared, figures(released, compared.runs)
    costs, told = found.fitting({}), len(compared.told)
    assert caption(page) == found.caption(costs)
    live, yours = page.get_by_role("slider", name="How many are called").all()

    box = page.locator(".hundred .people").first.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 4, steps=25)
    page.mouse.up()
    half = int(live.get_attribute("aria-valuenow"))
    assert half == round(found.rows / 2) and yours.get_attribute("aria-valuenow") == str(half)
    assert caption(page) == found.caption(replace(costs, calls=half))
    live.press("ArrowRight")
    live.press("PageDown")
    moved = int(live.get_attribute("aria-valuenow"))
    place = round(half * len(found.figures) / found.rows) - 9
    assert moved == round(place * found.rows / len(found.figures))
    called = page.locator(".hundred .side").nth(1).locator(".found, .alarm").count()
    assert called == place, "So many figures stand before the line."
    finger(page, live, 0.22)
    until(page, lambda: int(live.get_attribute("aria-valuenow")) == round(found.rows * 0.2))

    worth = page.get_by_role("spinbutton", name="Worth of one that is kept")
    at = worth.bounding_box()
    page.mouse.move(at["x"] + 5, at["y"] + 8)
    page.mouse.down()
    page.mouse.move(at["x"] + 85, at["y"] + 8, steps=20)
    page.mouse.up()
    pulled = replace(costs, calls=round(found.rows * 0.2), worth=float(worth.input_value().replace(",", "")))
    assert pulled.worth > costs.worth and caption(page) == found.caption(pulled)
    keeps = page.get_by_role("spinbutton", name="One kept in so many")
    keeps.press("ArrowUp")
    price = page.get_by_role("spinbutton", name="Price of one")
    price.fill("7.5")
    price.press("Tab")
    said = replace(pulled, one_in=4, price=7.5)
    assert caption(page) == found.caption(said)
    assert len(page.told) == told, "Nothing of this asks the server."

    page.get_by_role("heading", name="A hundred people").click()
    until(page, lambda: len(page.told) > told)
    idle(page)
    until(page, lambda: found.fitting(desk.Desk(released.path).read()["kept.compare.costs"]) == said)
    page.reload()
    page.locator(".hundred .figure").first.wait_for()
    assert caption(page) == found.caption(said)


def finger(page, line, part: float) -> None:
    """Move the line with a finger from the middle to a part of the width, along the top of the figures."""
    box = page.locator(".hundred .people").first.bounding_box()
    points = [box["x"] + box["width"] * (0.5 + (part - 0.5) * step / 10) for step in range(11)]
    session = page.context.new_cdp_session(page)
    for kind, x in [("touchStart", points[0]), *(("touchMove", x) for x in points[1:])]:
        touch = {"type": kind, "touchPoints": [{"x": x, "y": box["y"] + 3}]}
        session.send("Input.dispatchTouchEvent", touch)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.slow
def test_the_counts_are_those_of_the_downloaded_answers(trained, chromium):
    """Anybody can count them again in the file, at the threshold of each run."""
    trained.train(STUMP, overrides={"model.max_depth": 2})
    runs = trained.runs.list()
    with served(trained.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{address}/compare?{'&'.join(f'run={run.run_id}' for run in runs)}")
        page.locator(".hundred .figure").first.wait_for()
        idle(page)
        page.get_by_text("Table", exact=True).last.click()
        counts = pd.read_csv(downloaded(page, "Counts")).set_index(["run", "by"])
        for run, word in zip(runs, ("newer", "older"), strict=True):
            label = f"{word} {run.run_id[:7]}"
            answers = pd.read_csv(downloaded(page, f"Answers of {label}"))
            said, true = answers["probability"] >= run.threshold, answers["label"] == 1
            expected = [(said & true).sum(), (~said & true).sum(), (said & ~true).sum(), (~said & ~true).sum()]
            line = counts.loc[(label, f"threshold {run.threshold:g}")]
            assert list(line[["found", "missed", "false alarms", "left alone"]]) == expected


@pytest.mark.slow
def test_back_takes_back_a_tick(trained, chromium):
    """And Forward ticks it again: the table, the comparison and the URL say the same."""
    for depth in (2, 3):
        trained.train(STUMP, overrides={"model.max_depth": depth})
    third, *pair = (run.run_id for run in trained.runs.list())
    with served(trained.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{address}/compare?{'&'.join(f'run={run}' for run in pair)}")
        page.get_by_text(f"newer {pair[0][:7]} against older {pair[1][:7]}").wait_for()
        idle(page)
        # The pair stands on top; the third row is the run that no link named.
        table = resting(page, page.get_by_test_id("data-grid-canvas").first)
        page.mouse.click(table["x"] + 18, table["y"] + 52 + 2 * 35)
        page.get_by_text("The best of 3 looks better than it is").wait_for()
        until(page, lambda: page.url.endswith(f"run={third}"))
        page.go_back()
        page.get_by_text(f"newer {pair[0][:7]} against older {pair[1][:7]}").wait_for()
        until(page, lambda: third not in page.url)
        page.go_forward()
        page.get_by_text("The best of 3 looks better than it is").wait_for()


TEXTS = """selector => [...document.querySelectorAll(selector)].filter(one => one.textContent.trim()).map(one =>
  [one.textContent, getComputedStyle(one)[one instanceof SVGElement ? 'fill' : 'color']])"""
BACKGROUNDS = {"light": "rgb(252, 252, 250)", "dark": "rgb(18, 23, 29)"}


@pytest.mark.slow
@pytest.mark.parametrize("theme", BACKGROUNDS)
def test_text_in_figures_can_be_read(trained, chromium, theme):
    """In light and in dark: 4.5 : 1 at least."""
    trained.train(STUMP, overrides={"model.max_depth": 2})
    with served(trained.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, color_scheme=theme)
        page.goto(f"{address}/compare?chart=Confusion")
        page.locator(".textpoint").first.wait_for()
        page.locator(".hundred .figure").first.wait_for()
        found = page.evaluate(TEXTS, "[data-testid=stPlotlyChart] svg text")

    assert len(found) > 10 and not {text: fill for text, fill in found if contrast(fill, BACKGROUNDS[theme]) < 4.5}
