"""The chain on every page: two lanes of versions, each node a link, drawn from the plain record of `drawn_chain`.

The browser part lays it out and moves it: a node that changes its lane is the same mark in another place. It only ever
sets text, so a hostile name stays text, and asks the server nothing but to open what was clicked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from playground.drawn_chain import KINDS, DrawnChain, Node, told
from playground.screens import PHASES, Phase

_chain = st.components.v2.component(
    "chain",
    html='<nav class="chain" aria-label="The chain"></nav>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Notebook:
    """The box before the chain, on Start: where everything was."""

    label: str
    """What it claims: ``0.93``."""
    page: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class Apart:
    """The mark between the run that is live and yours: everything that differs between them."""

    page: str
    query: Mapping[str, str]


def draw(
    found: DrawnChain,
    current: str,
    address: Mapping[str, str],
    behind: Collection[Phase] = (),
    large: bool = False,
    notebook: Notebook | None = None,
    lit: str = "",
) -> Node | Notebook | Apart | None:
    """Draw the chain; return what a person opened, if anything.

    Parameters
    ----------
    found : DrawnChain
        What is drawn.
    current : str
        The page on screen.
    address : mapping
        Query parameters that every link needs.
    behind : collection of Phase
        Those of the four phases, drawn as bands behind the chain, whose exit condition holds.
    large : bool
        The tall form of the start page.
    notebook : Notebook, optional
        The box before it, in the tall form.
    lit : str
        Whenever it changes to something, the path lights up from left to right: a name of what was solved.
    """
    apart = _apart(found)
    data = _drawn(found, address) | {
        "apart": apart and _href(apart.page, {**address, **apart.query}),
        "alike": found.alike,
        "phases": [{**asdict(phase), "reached": phase in behind} for phase in PHASES],
        "notebook": notebook and {"label": notebook.label, "href": _href(notebook.page, {**address, **notebook.query})},
        **{"current": current, "large": large, "lit": lit},
    }
    key, height = ("chain-large", 244) if large else ("chain", 100)  # its place is kept until the browser has drawn it
    opened = _chain(data=data, key=key, height=height, on_opened_change=lambda: None).opened
    if opened == "notebook":
        return notebook
    if opened == "apart":
        return apart
    return next((node for node in found.nodes if node.id == opened), None)


def beside(found: DrawnChain, address: Mapping[str, str], key: str) -> Node | None:
    """Draw two runs beside each other, see `drawing.beside`; return what a person opened, if anything."""
    data = _drawn(found, address) | {"phases": [], "notebook": None, "current": "", "large": False, "lit": ""}
    opened = _chain(data=data, key=f"chain-two-{key}", height=100, on_opened_change=lambda: None).opened
    return next((node for node in found.nodes if node.id == opened), None)


def _drawn(found: DrawnChain, address: Mapping[str, str]) -> dict[str, Any]:
    return {
        "nodes": [_sent(node, address) for node in found.nodes],
        "edges": [{"from": edge.from_, "to": edge.to, "kind": edge.kind, "lanes": edge.lanes} for edge in found.edges],
        **{"short": found.short, "sentence": found.sentence},
    }


def _apart(found: DrawnChain) -> Apart | None:
    if found.apart is None:
        return None
    return Apart("difference", {"runs": ",".join(node.query["id"] for node in found.apart)})


def _sent(node: Node, address: Mapping[str, str]) -> dict[str, Any]:
    shown = {
        key: getattr(node, key)
        for key in ("id", "kind", "label", "sub", "letter", "state", "lanes", "why", "page", "hash", "first")
    }
    return {**shown, "word": KINDS[node.kind], "said": told(node), "href": _href(node.page, {**address, **node.query})}


def _href(page: str, query: Mapping[str, str]) -> str:
    return f"{page}?{urlencode(query)}" if query else page
