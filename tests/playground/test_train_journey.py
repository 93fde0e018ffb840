"""Training in a real browser: watched, left alone, reloaded, cancelled, killed; and a wrong config put right."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.experiments import lifecycle
from playground.ui.kit.session import DOUBLE_CLICK
from tests.browser import executable, idle, resting, served, settle

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]

LONG = "model: {type: gradient_boosting, n_estimators: 10000, max_depth: 20, learning_rate: 0.001}"
"""Twenty seconds on a free core: no tree comes to an end early."""


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A folder of workspaces, one for each test, and the address at which all of them are served."""
    folder = tmp_path_factory.mktemp("room")
    with served(folder, "MLOPS_WORKSPACES") as address:
        yield folder, address


@pytest.fixture
def trained(room, _trained: Workspace):
    """A workspace with one run, at a seat of its own; when the test is over, it trains no more."""
    ws = _trained.fork(room[0] / base64.b32encode(secrets.token_bytes(15)).decode().lower()[:20])
    yield ws
    for run in ws.runs.list("status in ('queued', 'running')"):
        ws.runs.cancel(run.run_id, wait=30)


@pytest.fixture
def page(room, trained: Workspace, chromium):
    """The Train screen on a workspace with one run."""
    page = opened(chromium, f"{room[1]}/train?ws={trained.path.name}")
    yield page
    page.context.close()


def opened(chromium, address: str):
    """Open the Train screen and wait until it is drawn."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.goto(address)
    page.get_by_role("textbox", name="Config as YAML").wait_for()
    idle(page)
    return page


def write(page, text: str) -> None:
    """Replace the config, and tell the app at once."""
    idle(page)
    editor = page.get_by_role("textbox", name="Config as YAML")
    editor.fill(text)
    editor.press("Control+Enter")
    settle(page)


def start(page, text: str) -> None:
    """Train a config and wait until it is under way."""
    write(page, text)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("list", name="Steps of the training").locator(".running").first.wait_for()


def test_a_training_shows_its_steps_what_was_cached_the_time_left_and_its_log(page, trained):
    """A run with the same data and split went before it, so its preparation is kept."""
    trained.train("model: {type: gradient_boosting, n_estimators: 2}\n")
    start(page, LONG)
    page.get_by_text("s left").wait_for()
    steps = page.get_by_role("list", name="Steps of the training").get_by_role("listitem")
    labels = [steps.nth(number).get_attribute("aria-label") for number in range(7)]
    page.get_by_text("Log", exact=True).click()
    page.get_by_text("prepare   done (cached)").wait_for()

    assert labels[0] == "load, cached, 600 rows" and labels[4:] == [
        "train, running",
        "evaluate, waiting",
        "package, waiting",
    ]


def test_yaml_is_written_and_left_with_the_keyboard(page):
    """Lines are indented as a person means it, Tab belongs to the editor until Escape gives it back."""
    editor, keys = page.get_by_role("textbox", name="Config as YAML"), page.keyboard
    editor.fill("")
    keys.type("model:")
    keys.press("Enter")
    keys.type("type: dummy")
    keys.press("Enter")
    keys.press("Shift+Tab")
    keys.type("training:  # how")
    keys.press("Enter")
    keys.type("test_size: 0.5")
    assert editor.input_value() == "model:\n  type: dummy\ntraining:  # how\n  test_size: 0.5"
    assert page.locator(".line .key").all_inner_texts() == ["model", "type", "training", "test_size"]
    keys.press("Tab")
    keys.press("Control+z")
    assert editor.input_value().endswith("0.5")
    keys.press("Escape")
    keys.press("Tab")
    assert not editor.evaluate("area => area.getRootNode().activeElement === area")


def test_a_training_is_cancelled_and_what_it_had_stays(page, trained):
    """The log, the steps and the last point of the curve are kept; no model is."""
    start(page, LONG)
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_text("Until then: validation log loss").wait_for()

    run = trained.runs.list()[0]
    assert (run.status, run.model_sha256) == ("cancelled", None)
    assert run.metrics["validation"] and trained.runs.text(run.run_id, "train.log")


def test_a_training_goes_on_while_its_page_is_reloaded_and_another_one_is_looked_at(page, trained):
    """It is found again as it is, by its steps and its Cancel button."""
    start(page, LONG)
    run = trained.runs.list()[0].run_id
    page.reload()
    page.get_by_role("button", name="Cancel", exact=True).wait_for()
    assert page.get_by_text(run[:7]).count()
    entries = page.evaluate("history.length")
    page.get_by_role("link", name="Data", exact=True).first.click()
    page.get_by_role("heading", name="Data", level=1).wait_for()
    idle(page)
    assert page.evaluate("history.length") == entries + 1  # the seat in the URL is no step of its own
    page.go_back()
    page.get_by_role("button", name="Cancel", exact=True).wait_for()

    assert trained.runs.get(run).status == "running"


@pytest.mark.slow
def test_every_screen_shows_that_something_trains_until_it_is_over(page, trained):
    """The chain of another screen changes by itself, however the training ended."""
    start(page, LONG)
    page.get_by_role("link", name="Data", exact=True).first.click()
    page.get_by_role("heading", name="Data", level=1).wait_for()
    at_work = page.get_by_role("navigation", name="The chain").get_by_role("link", name="running")
    at_work.wait_for()
    trained.runs.cancel(trained.runs.list()[0].run_id)
    at_work.wait_for(state="detached")


def worker_of(ws: Workspace, run_id: str) -> int:
    """Return the process that holds the lock of a run."""
    lock = str(lifecycle.file(ws._artifacts, run_id, "lock"))
    return next(int(one.name) for one in Path("/proc").glob("[0-9]*") if lock in files_of(one))


def files_of(process: Path) -> list[str]:
    """Return the open files of a process of ours; none of one that belongs to somebody else."""
    with suppress(OSError):
        return [str(file.readlink()) for file in (process / "fd").iterdir()]
    return []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who holds a file")
def test_a_killed_worker_shows_as_interrupted_within_five_seconds(page, trained):
    """What it had learned is still drawn, and the next training is one click away."""
    start(page, LONG)
    page.locator(".js-plotly-plot").first.wait_for()
    os.kill(worker_of(trained, trained.runs.list()[0].run_id), signal.SIGKILL)
    page.get_by_text("interrupted").first.wait_for(timeout=5_000)
    page.get_by_text("It made no model; train again.").wait_for(timeout=1_000)

    run = trained.runs.list()[0]
    assert (run.status, run.error) == ("interrupted", "The process ended.") and run.metrics["validation"]
    assert page.locator(".js-plotly-plot").count() == 1
    assert page.get_by_role("button", name="Train", exact=True).is_enabled()


@pytest.mark.slow
def test_a_training_survives_the_server_and_a_new_one_finds_it(chromium, trained):
    """It goes on while nobody serves the screen, and is cancelled from the next server."""
    with served(trained.path) as address:
        start(opened(chromium, f"{address}/train"), LONG)
    run = trained.runs.list()[0]
    seen = trained.runs.progress(run.run_id)
    with served(trained.path) as address:
        page = opened(chromium, f"{address}/train")
        page.get_by_role("button", name="Cancel", exact=True).wait_for()
        assert page.get_by_text(run.run_id[:7]).count()
        assert trained.runs.progress(run.run_id).elapsed_s > seen.elapsed_s
        page.get_by_role("button", name="Cancel", exact=True).click()
        page.get_by_text("It made no model").wait_for()

    assert trained.runs.get(run.run_id).status == "cancelled"


@pytest.mark.slow
def test_a_second_training_waits_in_the_queue_where_everybody_sees_it(page, trained):
    """It has a place, and can be cancelled before it begins."""
    start(page, LONG)
    page.wait_for_timeout(1000 * DOUBLE_CLICK)  # else it is the second click of a double click, which starts nothing
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("in line").wait_for()
    page.get_by_role("button", name="Cancel", exact=True).last.click()
    page.get_by_text("in line").wait_for(state="detached")

    assert sorted(run.status for run in trained.runs.list()[:2]) == ["cancelled", "running"]


@pytest.mark.slow
def test_the_version_that_the_text_pins_is_the_one_that_is_trained_on(page, trained, tmp_path):
    """What is chosen above follows the text, until a person chooses something else."""
    file = tmp_path / "fewer.csv"
    trained.datasets.frame("customers@1").head(500).to_csv(file, index=False)
    trained.datasets.add(file, name="customers")
    page.reload()
    page.locator("input[value='customers@2']").wait_for()
    write(page, "model: {type: dummy}\ndata: {name: customers, version: 1}\n")
    page.locator("input[value='customers@1']").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Same config and data as").wait_for()

    assert trained.runs.list()[0].data["version"] == 1


def test_a_config_that_is_wrong_says_where_and_trains_once_it_is_right(page, trained):
    """The line is marked, the suggestion is read, the key is corrected."""
    write(page, "model:\n  type: gradient_boosting\n  max_dept: 2\n  n_estimators: 5\n")
    page.get_by_text("Did you mean").wait_for()
    assert page.get_by_role("button", name="Train", exact=True).is_disabled()
    assert page.locator(".at.wrong").inner_text() == "3"
    write(page, "model:\n  type: gradient_boosting\n  max_depth: 2\n  n_estimators: 5\n")
    page.get_by_text("Did you mean").wait_for(state="detached")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Same config and data as").wait_for()

    run = trained.runs.list()[0]
    assert (run.status, run.params["model.max_depth"]) == ("finished", 2)


@pytest.mark.slow
def test_on_a_phone_the_chain_is_one_line_that_a_tap_opens(page, trained):
    """It says what is live; opened, it names every node, and no name is cut off."""
    model = trained.models.register(trained.runs.list()[0], "churn_model")
    for environment in ("staging", "production"):
        trained.deploy(model, environment, "rehearsal")
    page.set_viewport_size({"width": 400, "height": 800})
    page.reload()
    write(page, "model: {type: dummy}\n")
    chain = page.get_by_role("navigation", name="The chain")
    line = chain.get_by_role("button", name="data A › config A › … › live v1.0.0")
    line.wait_for()
    assert not chain.get_by_role("link", name="run ").first.is_visible()
    line.click()
    chain.get_by_role("link", name="config B dummy (edited)").wait_for()
    labels = chain.locator(".label")

    assert labels.evaluate_all("labels => labels.filter(one => one.scrollWidth > one.clientWidth).length") == 0
    line.press("Escape")
    assert not chain.get_by_role("link", name="config B").is_visible()


def test_the_names_of_the_steps_never_overlap(page):
    """Not at twice the size of a screen of 1400 pixels, nor on a phone."""
    for width in (360, 700, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        resting(page, page.locator(".steps .name").last)
        boxes = [name.bounding_box() for name in page.locator(".steps .name").all()]

        assert len(boxes) == 7
        assert all(
            left["x"] + left["width"] <= right["x"] + 1 or left["y"] + left["height"] <= right["y"] + 1
            for left, right in pairwise(boxes)
        )


def test_every_stop_of_the_keyboard_in_the_navigation_is_seen(page):
    """Each has an outline, the links above as well as those in the page."""
    page.locator("[data-testid=stSkipToContent]").focus()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


CONTRASTS = """tokens => tokens.map(token => {
  const luminance = colour => colour.match(/[\\d.]+/g).slice(0, 3)
    .map(part => part / 255).map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0)
  const [dark, light] = [getComputedStyle(token).color, getComputedStyle(token.closest('pre')).backgroundColor]
    .map(luminance).sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
})"""


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_code_has_a_contrast_of_four_and_a_half_in_both_themes(page, theme):
    """Of every colour in it: names, numbers, text, remarks and signs."""
    page.emulate_media(color_scheme=theme)
    page.reload()
    page.get_by_role("tab", name="Notebook to script").click()
    page.locator(".token.number").first.wait_for()

    contrasts = page.locator("pre .token").evaluate_all(CONTRASTS)
    assert len(contrasts) > 100 and min(contrasts) >= 4.5
