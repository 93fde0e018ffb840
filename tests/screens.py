"""Screens as a test sees them: run through the app's own entry point, without a browser."""

from __future__ import annotations

import json
import os
import re
import time
from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from mlops import Workspace
from playground import chain
from playground.ui.kit import session

ROOT = Path(__file__).resolve().parents[1]

PATIENCE = 180
"""Seconds until a test gives up a rerun or a training: a machine with much else to do is slow, and nothing is wrong."""

# Each AppTest looks through all installed packages for components, for 80 ms: they are the same ones every time.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def open_page(name: str, **query: str) -> AppTest:
    """Run the app at the address of that page, as somebody who follows a link to it."""
    at = AppTest.from_file(str(ROOT / "playground" / "main.py"), default_timeout=PATIENCE)
    for key, value in query.items():
        at.query_params[key] = value
    return (at if name == "start" else at.switch_page(str(ROOT / "pages" / f"{name}.py"))).run()


def unfold(at: AppTest, drawer: str) -> AppTest:
    """Open a drawer of the page, whose content is drawn only then."""
    at.session_state[drawer] = True
    return at.run()


SAID = ("title", "subheader", "markdown", "caption", "error", "info", "success", "warning")
LABELLED = ("button", "expander", "tab", "metric")


def words_on(at: AppTest) -> str:
    """Return everything a page says, as one text."""
    said = [element.value for kind in SAID for element in at.get(kind)]
    labels = [element.label for kind in LABELLED for element in at.get(kind)]
    return "\n".join(map(str, [*said, *labels, *links_on(at)]))


def button(at: AppTest, label: str) -> Button:
    """Return the button of that label."""
    return next(one for one in at.button if one.label == label)


def drawn_on(at: AppTest, component: str) -> dict[str, Any]:
    """Return the plain record that an own component of the page is drawn from."""
    found = next(one.proto for one in at.get("bidi_component") if one.proto.component_name == component)
    drawn: dict[str, Any] = json.loads(found.json)
    return drawn


def links_on(at: AppTest) -> list[str]:
    """Return the labels of the links in a page."""
    return [link.proto.label for link in at.get("page_link")]


def config(at: AppTest) -> str:
    """Return the config in the editor, which runs in a browser only; its text is the session's."""
    return str(at.session_state[session.DRAFT.key])


def write(at: AppTest, text: str) -> AppTest:
    """Replace the config in the editor."""
    at.session_state[session.DRAFT.key] = text
    return at.run()


def train(at: AppTest) -> AppTest:
    """Press Train, wait until the worker has ended, and look again."""
    at.button(key="train.go").click().run()
    wait_for_trainings(Workspace.open(os.environ["MLOPS_WORKSPACE"], create=False))
    return at.run()


def run_the_chain(at: AppTest) -> AppTest:
    """Press "Run the chain", and look again when its training has ended."""
    at.button(key="start.run").click().run()
    wait_for_trainings(Workspace.open(os.environ["MLOPS_WORKSPACE"], create=False))
    return at.run()


def build_the_chain(ws: Workspace) -> None:
    """Do what "Run the chain" does, without a screen."""
    while link := chain.next_step(found := chain.read(ws)):
        link.act(ws, found)
        wait_for_trainings(ws)


def wait_for_trainings(ws: Workspace) -> None:
    """Wait until no training is under way."""
    until = time.monotonic() + PATIENCE
    while chain.under_way(ws):
        assert time.monotonic() < until, f"The training did not end within {PATIENCE} seconds."
        time.sleep(0.05)


def contrast(*colours: str) -> float:
    """Return the contrast of two colours, `rgb(31, 131, 198)` or `#1F83C6`, by the rule of WCAG 2."""

    def luminance(colour: str) -> float:
        of_hex = [str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)] if colour.startswith("#") else []
        parts = [int(part) / 255 for part in (of_hex or re.findall(r"\d+", colour)[:3])]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted(map(luminance, colours))
    return (lighter + 0.05) / (darker + 0.05)
