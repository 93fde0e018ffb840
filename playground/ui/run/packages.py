"""The software that a run was made with: the files that bring it back, and what differs from other software."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.base import provenance
from mlops.experiments import software
from mlops.experiments.software import SoftwareDifference
from playground import words
from playground.parity import movable
from playground.ui.kit import cards, lists, state
from playground.ui.run import parity

TITLE = "Software"
"""Of the tab in which they are."""

HERE = ""
"""What stands for the software of this server."""


def draw(run: Any) -> None:
    """Draw the record, the two files to take, and the difference to what a person chooses."""
    known = run.as_dict()["software"]
    if not known.get("packages"):
        st.markdown(":gray[No software was recorded with this run.]")
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        _record(known)
        with st.container(horizontal=True):
            name = words.short(run.run_id)
            requirements, environment = software.requirements(known), software.environment(known)
            cards.download_bytes(requirements.encode(), "requirements.txt", "text/plain", "requirements.txt")
            cards.download_bytes(environment.encode(), "environment.yml", "application/yaml", "environment.yml")
        st.caption(f"What {cards.plain(name)} needs to be made again: for pip, or for conda.")
    with right:
        _differences(run, known)


def _record(known: Any) -> None:
    rows = {"Python": known.get("python"), "Machine": known.get("platform"), **known["packages"]}
    cards.facts({name: value or "–" for name, value in rows.items()})


def _differences(run: Any, known: Any) -> None:
    others = [one.run_id for one in lists.trained_runs() if one.run_id != run.run_id]
    chosen = st.selectbox(
        "Held against", [HERE, *others], key=f"run.software.{run.run_id}",
        format_func=lambda one: words.short(one) or "this server, now", width=320,
    )  # fmt: skip
    other = state.read(_software, str(chosen)) if chosen else provenance.software()
    found = software.differences(known, other)
    if found:
        st.markdown(f"**{said(found)}**")
        st.table(pd.DataFrame([_row(one) for one in found]), hide_index=True, border="horizontal")
    else:
        st.markdown(":green[:material/check_circle:] The same software: nothing differs.")
    if run.model_sha256:
        parity.card(run, movable(found))


def said(found: tuple[SoftwareDifference, ...]) -> str:
    """Return what differs in a sentence.

    Examples
    --------
    >>> said((SoftwareDifference("numpy", "1", "2", True, ""), SoftwareDifference("joblib", "1", "2", False, "")))
    '2 things differ; 1 can change what a model answers: numpy.'
    """
    matter = [one.what for one in found if one.matters]
    count = f"{len(found)} things differ" if len(found) > 1 else "One thing differs"
    if not matter:
        return f"{count}; none can change what a model answers."
    return f"{count}; {len(matter)} can change what a model answers: {', '.join(matter)}."


def _row(one: SoftwareDifference) -> dict[str, str]:
    mark = ":orange-badge[:material/priority_high: can matter]" if one.matters else ":gray-badge[cannot matter]"
    return {
        "What": f"**{cards.plain(one.what)}**",
        "Then": cards.plain(one.before or "–"),
        "Other": cards.plain(one.after or "–"),
        "Why": f"{mark} :small[{cards.plain(one.why)}]",
    }


def _software(ws: Workspace, run_id: str) -> Any:
    return ws.runs.get(run_id).as_dict()["software"]
