"""The whole gold path in a real browser: from nothing to a live model, a second one, and back."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from mlops import Workspace
from mlops.sample import FILE
from tests.browser import downloaded, executable, idle, served, settle

pytestmark = [pytest.mark.browser, pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")]

VISIBLE_WORDS = """() => {
  const main = document.querySelector('[data-testid=stMain]')
  const icons = new Set([...main.querySelectorAll('[data-testid=stIconMaterial]')].map(icon => icon.innerText))
  const chain = [...main.querySelectorAll('*')].map(e => e.shadowRoot).find(root => root && root.querySelector('.chain'))
  return (main.innerText + ' ' + chain.querySelector('.stage').innerText).split(/\\s+/).filter(word => word && !icons.has(word))
}"""


@pytest.fixture
def page(tmp_path, chromium):
    """A page of the app on an empty workspace; `page.outside` lists what it asked of other machines."""
    with served(tmp_path / "workspace") as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, base_url=address)
        page.outside = []
        page.on("request", lambda asked: page.outside.append(asked.url) if _is_outside(asked.url) else None)
        yield page
        page.context.close()


def _is_outside(url: str) -> bool:
    return not url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:"))


def press(page, name: str) -> None:
    """Press a button and wait until the app is done."""
    page.get_by_role("button", name=name, exact=True).click()
    settle(page)


def open_page(page, name: str) -> None:
    """Open a screen from the navigation."""
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", name=name, exact=True, level=1).wait_for()
    settle(page)


def test_the_gold_path_from_nothing_to_a_live_model_and_back(page, tmp_path):
    """Every stop of the chain works with mouse and keyboard, survives a reload, and calls nobody outside."""
    run_the_chain(page)
    ask_about_a_customer(page)
    freeze_a_second_version(page, tmp_path)
    change_one_key_and_train(page)
    compare_two_runs(page)
    release_and_roll_back(page)
    look_at_what_is_known(page)

    ws = Workspace.open(tmp_path / "workspace", create=False)
    assert ws.verify()["ok"]
    assert released_to(ws)[:2] == ["staging", "production"]
    assert [one.action for one in ws.releases.timeline("production")] == ["deploy", "deploy", "rollback"]
    assert page.outside == []


def released_to(ws: Workspace) -> list[str]:
    """Return the environments of all releases in their order: a screen may see two of them at once."""
    events = [event for event in ws.log() if event["kind"].startswith("deployment")]
    return [event["payload"]["changes"]["environment"] for event in events]


def run_the_chain(page) -> None:
    page.goto("/")
    page.get_by_role("link", name="no live yet").wait_for()
    idle(page)
    assert len(page.evaluate(VISIBLE_WORDS)) <= 40
    page.get_by_role("button", name="Run the chain").press("Enter")
    page.get_by_role("link", name="staging v1.0.0").wait_for()
    page.get_by_role("link", name="live v1.0.0").wait_for()
    page.reload()
    page.get_by_role("link", name="live v1.0.0").wait_for()
    press(page, "Show it without a guess")
    page.get_by_role("link", name="Ask about one customer").press("Enter")


def ask_about_a_customer(page) -> None:
    page.get_by_role("heading", name="Predict", level=1).wait_for()
    idle(page)
    press(page, "Predict")
    page.get_by_text("Answered and logged").wait_for()
    page.get_by_role("button", name="Same in a file?").click()
    page.get_by_text("equal to the last digit").wait_for()


def freeze_a_second_version(page, tmp_path: Path) -> None:
    lines = FILE.read_text("utf-8").splitlines(keepends=True)
    changed = tmp_path / "customers_2023.csv"
    changed.write_text("".join([lines[0], *(line.replace(",monthly,", ",annual,") for line in lines[1:])]), "utf-8")
    page.get_by_role("link", name="data A customers@1").click()
    page.get_by_role("heading", name="Data", level=1).wait_for()
    settle(page)
    page.get_by_role("tab", name="New version").click()
    settle(page)
    page.get_by_role("radio", name="Your file").click()
    page.locator("input[type=file]").set_input_files(changed)
    settle(page)
    page.get_by_label("Where is it from?").fill("contracts corrected")
    press(page, "Keep this version")
    page.get_by_role(
        "heading", name=re.compile(r"v2 from v1: [\d,]+ cells of Contract changed, nothing else")
    ).wait_for()
    page.get_by_role("region", name="Changed cells").locator("del", has_text="monthly").first.wait_for()
    page.get_by_role("tab", name="Restore").click()
    restored = shutil.copy(downloaded(page, "As a file"), tmp_path / "restored.csv")

    ws = Workspace.open(tmp_path / "workspace", create=False)
    again = ws.datasets.add(restored, name="customers")
    assert (again.ref, again.created) == ("customers@1", False)
    assert ws.datasets.get("customers@2").message == "contracts corrected"


def change_one_key_and_train(page) -> None:
    open_page(page, "Train")
    editor = page.get_by_role("textbox", name="Config")
    config = editor.input_value()
    editor.fill(config.replace("max_depth:", "max_dept:"))
    editor.press("Control+Enter")
    page.get_by_text("Did you mean").wait_for()
    editor.fill(config.replace("max_depth: 3", "max_depth: 2"))
    editor.press("Control+Enter")
    settle(page)
    page.get_by_text("model.max_depth").first.wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("link", name="config B max_depth 3 → 2").wait_for()
    page.reload()
    page.get_by_role("link", name="config B max_depth 3 → 2").wait_for()
    page.get_by_role("link", name=re.compile(r"^run r\w+ .*AUC")).nth(1).wait_for()


def compare_two_runs(page) -> None:
    open_page(page, "Compare")
    page.get_by_text("What differs", exact=True).wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    assert page.url.count("run=") == 2
    page.get_by_text("Test metrics").click()
    press(page, "Open and count it")
    settle(page)
    page.get_by_role("link", name="Release yours r").first.click()
    page.get_by_role("heading", name="Release", level=1).wait_for()


def release_and_roll_back(page) -> None:
    settle(page)
    press(page, "Register")
    page.get_by_label("Reason").fill("second config")
    page.get_by_label("Reason").press("Enter")
    settle(page)
    press(page, "Deploy to staging")
    press(page, "Run the release check")
    page.get_by_label("Reason").fill("second config")
    page.get_by_label("Reason").press("Enter")
    settle(page)
    press(page, "Promote to production")
    page.get_by_role("link", name="live v1.1.0").wait_for()
    page.get_by_text("Ask about a moment").click()
    page.get_by_text("was live in production").wait_for()
    page.get_by_role("tab", name="Roll back").click()
    page.get_by_label("Reason").fill("complaints")
    page.get_by_label("Reason").press("Enter")
    settle(page)
    press(page, "Roll back to v1.0.0")
    page.get_by_role("link", name="live v1.0.0").wait_for()


def look_at_what_is_known(page) -> None:
    open_page(page, "Monitor")
    page.get_by_text("too few to say whether anything moved").first.wait_for()
    open_page(page, "Guide")
    page.get_by_role("tab", name="MLOps", exact=True).click()
    page.get_by_text("verified here").first.wait_for()
    assert page.get_by_text("verified here").count() >= 3


@pytest.mark.slow
def test_while_the_chain_runs_only_the_node_at_work_moves(page):
    """An empty chain greets; what lights up later is what is really being built."""
    page.goto("/")
    page.get_by_role("button", name="Run the chain").wait_for()
    nodes = page.get_by_role("navigation", name="The chain").get_by_role("link")
    nodes.first.wait_for()
    still = "nodes => nodes.filter(node => getComputedStyle(node).animationName === 'none').length"
    assert nodes.evaluate_all(still) == 1  # the notebook
    page.get_by_role("button", name="Run the chain").click()
    page.get_by_text("Freezing the data").wait_for()
    nodes.and_(page.get_by_label("running")).first.wait_for()

    # At the change from one to the next both are drawn for a moment: the one that leaves was at work.
    moving = "nodes => nodes.filter(one => getComputedStyle(one).animationName !== 'none').map(one => one.ariaLabel)"
    names = nodes.evaluate_all(moving)
    assert names and all(name.endswith("running") for name in names)


@pytest.mark.slow
def test_a_learners_own_file_goes_from_upload_to_a_live_prediction(page, tmp_path):
    """A file from another country: its encoding is asked, the rest is told; then train, release, predict."""
    frame = pd.read_csv(FILE).head(1500)[["age", "monthly_fee", "region", "contract", "churn"]]
    frame["region"] = frame["region"].replace("north", "höher")
    own = tmp_path / "kündigungen.csv"
    own.write_bytes(frame.to_csv(index=False, sep=";", decimal=",").encode("latin-1"))
    page.goto("/data")
    page.get_by_role("heading", name="Data", level=1).wait_for()
    idle(page)
    page.get_by_role("radio", name="Your file").click()
    page.locator("input[type=file]").set_input_files(own)
    page.get_by_text("is not utf-8").wait_for()
    assert page.get_by_role("button", name="Keep this version").count() == 0
    choose(page, "Encoding", "latin-1")
    page.get_by_text("ISO8859-1 · semicolon · decimal comma · header in line 1 · 1,500 rows · 5 columns").wait_for()
    assert page.get_by_role("radio", name="1 (").is_checked()
    press(page, "Keep this version")
    open_page(page, "Train")
    press(page, "Train")
    page.get_by_text("finished").first.wait_for()
    ws = Workspace.open(tmp_path / "workspace", create=False)
    model = ws.models.register(ws.runs.list()[0], "own")
    ws.deploy(model, "staging", "rehearsal")
    open_page(page, "Release")
    press(page, "Run the release check")
    page.get_by_label("Reason").first.wait_for()
    page.get_by_label("Reason").first.fill("our own customers")
    page.get_by_label("Reason").first.press("Enter")
    settle(page)
    press(page, "Promote to production")
    page.get_by_role("link", name="live v1.0.0").wait_for()
    open_page(page, "Predict")
    press(page, "Predict")
    page.get_by_text("Answered and logged").wait_for()
    assert ws.releases.live("production").model["name"] == "own" and len(ws.predictions.list()) == 1
    assert page.outside == []


def choose(page, label: str, value: str) -> None:
    """Choose a value in the box of that label."""
    page.get_by_label(label, exact=True).click()
    page.keyboard.type(value)
    page.keyboard.press("Enter")
    settle(page)
