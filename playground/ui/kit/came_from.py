"""What something came from, and what it led to: two lists of links, for the screens of data, runs and models."""

from __future__ import annotations

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
    """Draw what something came from and what it led to; the question to it, and the answer in a sentence.

    Parameters
    ----------
    ref : str
        As for `ws.lineage`.
    """
    found = state.read_requests(_lineage, ref)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Came from**")
        _list([node for _, node, again in found.tree(up=True) if not again])
    with right:
        st.markdown(f"**Led to** {cards.plain(found.said)}")
        _list([node for _, node, again in found.tree(up=False) if not again])
    if any(node.kind == "deployment" for node in found.nodes[1:]):
        st.caption("If this was wrong, all on the right was touched by it.")


def _list(nodes: Sequence[Node]) -> None:
    if not nodes:
        st.markdown(":gray[nothing]")
    for node in nodes[:MOST]:
        _item(node)
    if len(nodes) > MOST:
        st.markdown(f":gray[and {len(nodes) - MOST:,} more]")


def _item(node: Node) -> None:
    word, icon, page, key = KINDS[node.kind]
    label = f"{word} {cards.plain(_name(node))} :gray[{cards.plain(node.about)}]"
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
