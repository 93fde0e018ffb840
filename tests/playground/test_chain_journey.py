"""The chain in a real browser: it comes alive, its marks move on a release, and swing back on a rollback."""

from __future__ import annotations

from typing import Any

import pytest

from mlops import Workspace
from playground import calendar, chain
from tests.browser import executable, idle, resting, served, settle
from tests.playground.test_journey import released_to
from tests.screens import build_the_chain

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]

SHIFTS = """window.shifted = 0; new PerformanceObserver(seen => {
  for (const one of seen.getEntries()) if (!one.hadRecentInput) window.shifted += one.value
}).observe({ type: 'layout-shift', buffered: true })"""

WATCH = """([node, name]) => { node.marked = name; window.places = []; const look = () => {
  window.places.push(Math.round(node.getBoundingClientRect().top)); if (window.places.length < 600) requestAnimationFrame(look)
}; look() }"""


@pytest.fixture
def opened(tmp_path, chromium):
    """Open a page on a workspace; what was asked of other machines is in `page.outside`."""
    pages: list[Any] = []

    def opener(address: str, path: str = "/", **options: Any) -> Any:
        page = chromium.new_page(viewport={"width": 1400, "height": 900}, base_url=address, **options)
        page.outside = []
        page.on("request", lambda asked: page.outside.append(asked.url) if "localhost" not in asked.url else None)
        page.add_init_script(SHIFTS)
        page.goto(path)
        page.get_by_role("navigation", name="The chain").get_by_role("link").first.wait_for()
        idle(page)
        pages.append(page)
        return page

    yield opener
    for page in pages:
        assert [one for one in page.outside if not one.startswith(("data:", "blob:"))] == []
        page.close()


def again(page: Any) -> None:
    """Let the app look at its workspace once more."""
    page.locator("body").press("r")
    settle(page)


def node(page: Any, name: str) -> Any:
    return page.get_by_role("navigation", name="The chain").get_by_role("link", name=name)


def edge(page: Any, classes: str) -> Any:
    return page.locator(f"g.edge{classes}")


@pytest.mark.slow
def test_the_chain_comes_alive(opened, tmp_path):
    """From seven empty nodes to a live model: a pulse while it trains, staging before live, and nothing moves below."""
    with served(tmp_path / "workspace") as address:
        page = opened(address)
        assert page.locator("a.node.empty").count() == 7
        page.get_by_role("button", name="Run the chain").click()
        node(page, "running").wait_for()
        edge(page, ".busy").first.wait_for(state="attached")
        node(page, "staging v1.0.0").wait_for()
        node(page, "live v1.0.0").wait_for()
        page.get_by_role("link", name="Ask about one customer").wait_for()

        assert edge(page, ".live:not(.next)").count() == 6
        assert page.locator("a.node.empty").count() == 0
    assert released_to(Workspace.open(tmp_path / "workspace", create=False)) == ["staging", "production"]


@pytest.mark.slow
def test_marks_move_and_the_arrow_swings(opened, tmp_path):
    """A released version is the same mark in the other lane; a rollback leaves a dashed arrow where it was live."""
    ws = Workspace.open(tmp_path / "workspace", actor="ada")
    build_the_chain(ws)
    better = ws.train(chain.SAMPLE_CONFIG, overrides={"model.max_depth": 2, "model.n_estimators": 20})
    model = ws.models.register(better, "churn_model")
    with served(ws.path) as address:
        page = opened(address, "/compare")
        calendar.before_release(ws)
        ws.deploy(model, "staging", "rehearsal")
        again(page)
        yours = node(page, "version v1.1.0")
        assert "yours" in yours.get_attribute("class")
        yours.evaluate("(node, name) => (" + WATCH + ")([node, name])", "the same")
        edge(page, ".live.came").last.evaluate("edge => { edge.marked = 'the arrow' }")
        ws.deploy(model, "production", "better", override="as a test")
        again(page)
        node(page, "live v1.1.0").wait_for()

        assert yours.evaluate("node => node.marked") == "the same" and "live" in yours.get_attribute("class")
        resting(page, yours)
        places = [*dict.fromkeys(page.evaluate("window.places"))]
        assert len(places) > 2, places  # it was seen on its way, and not put there
        calendar.before_release(ws)
        ws.rollback("production", "complaints")
        again(page)
        node(page, "live v1.0.0").wait_for()
        assert edge(page, ".was").count() == 1


def test_every_node_is_reached_by_the_keyboard_and_shows_what_it_came_from(opened, trained):
    """One stop of the tabulator; arrows go along the chain and up to the phases; Enter opens."""
    with served(trained.path) as address:
        page = opened(address, "/compare")
        stops = page.locator("a.node").evaluate_all("nodes => nodes.filter(node => node.tabIndex === 0).length")
        page.locator("a.node").first.focus()
        focused = "document.activeElement.shadowRoot.activeElement"
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert page.evaluate(f"{focused}.dataset.kind") == "run"
        assert page.locator("a.node.on").evaluate_all("nodes => nodes.map(node => node.dataset.kind)") == [
            *("data", "code", "config", "run")
        ]
        page.keyboard.press("ArrowUp")
        assert "Goal: an approach that works." in page.locator(".tip").inner_text()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Run ", level=1).wait_for()
        assert stops == 1


def test_nothing_below_the_chain_moves_while_a_training_runs(opened, trained):
    """Its height is the same before it is drawn, while it is at work and when that is over."""
    run = trained.submit("model: {type: gradient_boosting, n_estimators: 400, max_depth: 5}\n", pool=None)
    with served(trained.path) as address:
        page = opened(address, "/monitor")
        page.evaluate("window.shifted = 0")  # what the framework does before the page stands is not ours
        height = page.locator(".chain").bounding_box()["height"]
        if trained.runs.get(run.run_id).status in ("queued", "running"):
            node(page, "running").wait_for()
            node(page, "running").wait_for(state="detached")
        page.wait_for_timeout(500)

        assert page.locator(".chain").bounding_box()["height"] == height <= 100
        assert page.evaluate("window.shifted") < 0.05


@pytest.mark.slow
def test_who_wants_no_motion_gets_none(opened, tmp_path):
    """The same picture, at once."""
    ws = Workspace.open(tmp_path / "workspace", actor="ada")
    build_the_chain(ws)
    with served(ws.path) as address:
        page = opened(address, "/compare", reduced_motion="reduce")

        assert page.locator("a.node").first.evaluate("node => getComputedStyle(node).animationName") == "none"
        assert edge(page, ".live").count() == 6
