"""What something came from, and what it led to: two lists of links, for the screens of data, runs and models."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from mlops import Workspace
from mlops.release.lineage import Lineage, Node
from playground import words
from playground.ui.kit import cards, state
from playground.ui.kit.links import link

MOST = 12
"""So many things a list names; the others are counted."""

KINDS = {
    "data": ("Data", "database", "data", "version"),
    "outcomes": ("Outcomes", "fact_check", "monitor", ""),
    "code": ("Code", "code", "", ""),
    "software": ("Software", "inventory_2", "", ""),
    "config": ("Config", "tune", "", ""),
    "run": ("Run", "science", "run", "id"),
    "model": ("Version", "deployed_code", "model", "ref"),
    "deployment": ("Deployment", "rocket_launch", "release", ""),
    "predictions": ("Answers", "bolt", "monitor", ""),
    "prediction": ("Answer", "bolt", "monitor", ""),
    "batch": ("Scored file", "table", "monitor", ""),
}
"""Kind -> its word, its icon, the screen that shows it, and the parameter that names it there."""


def draw(ref: str) -> None:
    """Draw what something came from and what it led to, and in a sentence what it touched, should it be wrong.

    Parameters
    ----------
    ref : str
        A data version, a model version, or the id of a run.
    """
    found = state.read_requests(_lineage, ref)
    if found.said != "nothing":
        name = ref if "@" in ref else f"run {words.short(ref)}"
        st.markdown(f"If {cards.plain(name)} was wrong, it touched **{cards.plain(found.said)}**.")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Came from**")
        _list([node for _, node, again in found.tree(up=True) if not again])
    with right:
        st.markdown("**Led to**")
        _list([node for _, node, again in found.tree(up=False) if not again])


def _list(nodes: Sequence[Node]) -> None:
    if not nodes:
        st.markdown(":gray[nothing]")
    for node in nodes[:MOST]:
        _item(node)
    if len(nodes) > MOST:
        st.markdown(f":gray[and {len(nodes) - MOST:,} more]")


def _item(node: Node) -> None:
    word, icon, page, key = KINDS[node.kind]
    about = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", lambda instant: words.moment(instant[0]), node.about)
    label = f"{word} {cards.plain(_name(node))} :gray[{cards.plain(about)}]"
    if page:
        link(page, label, icon=icon, **({key: node.ref} if key else {}))
    else:
        st.markdown(f":material/{icon}: {label}")


def _name(node: Node) -> str:
    if node.kind in ("data", "model"):
        return node.ref
    return "" if node.kind in ("deployment", "predictions") else words.short(node.ref)


def _lineage(ws: Workspace, ref: str) -> Lineage:
    return ws.lineage(ref)
