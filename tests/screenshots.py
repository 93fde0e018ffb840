"""Pictures of every screen: light and dark, wide and narrow, on an empty and on a full workspace.

python -m tests.screenshots FOLDER
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from mlops import Workspace
from mlops.training import workers
from playground import calendar, chain, screens
from tests.browser import browser, idle, served
from tests.screens import build_the_chain

WIDTHS = (1400, 400)
THEMES = ("light", "dark")
TALLEST = 4000
"""Pixels; a longer page is cut."""


PARTS = {
    "data": {"tab": ("Profile", "Difference", "Validation", "Restore")},
    "train": {
        "radio": ("Form", "Environments", "History"),
        "tab": ("Sweep", "Break it on purpose", "Notebook to script"),
    },
    "run": {"tab": ("Software",)},
    "compare": {"radio": ("Precision and recall", "Calibration", "Scores", "Confusion", "Groups", "Training")},
    "release": {"tab": ("Roll back", "What runs where", "Audit log")},
    "predict": {"tab": ("A file",)},
    "sweep": {"tab": ("All parameters", "One by one", "What mattered")},
}
"""Screen -> what is one click away on it, by the role of what is clicked."""

LONG = "model: {type: gradient_boosting, n_estimators: 3000, max_depth: 6}\n"
"""A training that is still under way when its picture is taken."""


def full_workspace(path: Path) -> Workspace:
    """Make a workspace in which everything has happened: two data versions, three runs, two releases, answers."""
    ws = Workspace.open(path)
    build_the_chain(ws)
    ws.sweep(chain.SAMPLE_CONFIG, {"model.max_depth": "1..5", "model.learning_rate": "0.02..0.3 log"}, random=20)
    ws.train(chain.SAMPLE_CONFIG, overrides={"model.max_depth": 2}, note="shallower")
    frame = ws.datasets.frame("customers@1")
    corrected = path.with_name("corrected.csv")
    frame.assign(
        monthly_fee=frame["monthly_fee"].where(pd.RangeIndex(len(frame)) >= 312, frame["monthly_fee"] + 1)
    ).to_csv(corrected, index=False)
    ws.datasets.add(corrected, name="customers", message="312 fees corrected")
    model = ws.models.register(
        ws.train(chain.SAMPLE_CONFIG, data="customers@2", note="on corrected fees"), "churn_model"
    )
    for environment, reason in (("staging", "rehearsal"), ("production", "corrected fees")):
        calendar.before_release(ws)
        ws.deploy(model, environment, reason)
    for example in ws.models.metadata("@production")["examples"]:
        ws.predict("@production", example["row"])
    return ws


def addresses(ws: Workspace) -> dict[str, str]:
    """Return the path of every screen, by name."""
    paths = {screen.name: screen.name for screen in screens.SCREENS} | {"start": ""}
    if runs := ws.runs.list(limit=1):
        paths |= {"run": f"run?id={runs[0].run_id}", "model": "model?ref=churn_model@latest"}
    return paths


def shoot(chromium: Any, address: str, ws: Workspace, folder: Path, state: str) -> None:
    """Save pictures of every screen, and of what is one click away, in each theme and width."""
    for theme in THEMES:
        for width in WIDTHS:
            page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
            look = f"{theme}-{width}"
            for name, path in addresses(ws).items():
                visit(page, f"{address}/{path}")
                save(page, folder / f"{state}-{name}-{look}.png", width)
                for role, labels in PARTS.get(name, {}).items() if ws.runs.list(limit=1) else ():
                    for label in labels:
                        if open_part(page, role, label):
                            save(page, folder / f"{state}-{name}-{label.lower().replace(' ', '-')}-{look}.png", width)
            if ws.runs.list(limit=1):
                run = ws.submit(LONG)
                visit(page, f"{address}/train")
                page.get_by_role("button", name="Cancel").wait_for()
                page.wait_for_timeout(4000)  # a curve needs some points
                save(page, folder / f"{state}-training-{look}.png", width)
                ws.runs.cancel(run.run_id, wait=30)
            page.close()


def for_readme(chromium: Any, address: str, ws: Workspace, folder: Path) -> None:
    """Save the pictures that the README shows: a training under way, and runs compared."""
    page = chromium.new_page(viewport={"width": 1400, "height": 960}, color_scheme="light")
    visit(page, f"{address}/train")
    editor = page.get_by_role("textbox", name="Config")
    config = editor.input_value().replace("n_estimators: 100", "n_estimators: 1500").replace("depth: 3", "depth: 6")
    editor.fill(config)
    editor.press("Control+Enter")
    page.get_by_text("Changed since").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("%").first.wait_for()
    page.wait_for_timeout(4000)  # a curve needs some points
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    page.screenshot(path=folder / "readme-train.png")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("It made no model").wait_for()
    runs = ws.runs.list("status = 'finished'", sort="-metrics.validation.auc")
    page = chromium.new_page(viewport={"width": 1400, "height": 1130}, color_scheme="dark")
    visit(page, f"{address}/compare?run={runs[-1].run_id}&run={runs[0].run_id}")
    page.get_by_text("called: a score from").first.wait_for()
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollBy(0, 620)")
    page.wait_for_timeout(2500)
    page.screenshot(path=folder / "readme-compare.png")


def of_a_year(chromium: Any, address: str, folder: Path) -> None:
    """Save the picture of Monitor that the README shows: of a workspace in which the months until September passed."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1130}, color_scheme="light")
    visit(page, f"{address}/monitor")
    page.wait_for_timeout(4000)  # the marks come to rest
    page.screenshot(path=folder / "readme-monitor.png")


def visit(page: Any, address: str) -> None:
    """Open a page and wait until it stands."""
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    idle(page)


def open_part(page: Any, role: str, label: str) -> bool:
    """Click what opens a part of a page; return whether there is such a thing."""
    found = page.get_by_role(role, name=label, exact=True)
    if not found.count():
        return False
    found.first.click()
    page.wait_for_timeout(300)
    idle(page)
    return True


def save(page: Any, path: Path, width: int) -> None:
    """Save a picture of the whole page."""
    page.wait_for_timeout(500)  # charts and transitions
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(height, 700), TALLEST)})
    page.wait_for_timeout(300)
    page.screenshot(path=path)
    page.set_viewport_size({"width": width, "height": 900})


def main(folder: Path) -> None:
    """Make all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, browser() as chromium:
        workspaces = {"empty": Workspace.open(Path(scratch) / "empty"), "full": full_workspace(Path(scratch) / "full")}
        for state, ws in workspaces.items():
            with served(ws.path) as address:
                shoot(chromium, address, ws, folder, state)
                if state == "full":
                    for_readme(chromium, address, ws, folder)
    workers.pool().close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
