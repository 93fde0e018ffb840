"""What a month waits for: what it is good for until its outcomes are known, and the form that adds them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from mlops import Workspace, sample
from mlops.data.readiness import NOT_YET, Readiness
from playground import words
from playground.chain import ROOT
from playground.ui.kit import acts, cards, lists, session, state
from playground.ui.kit.links import goto
from playground.ui.kit.uploads import uploaded

WAITS = f":material/hourglass_top: **{NOT_YET}**"
"""How screens say it, wherever."""


def readiness() -> Mapping[str, Readiness]:
    """Return for each dataset version, by its ref and the newest first, whether one may train on it today."""
    return state.read(_readiness)


def trainable() -> list[str]:
    """Return the refs of the versions on which one may train today, newest first."""
    return [ref for ref, one in readiness().items() if one.trainable]


def waiting(version: Any) -> None:
    """Say of a version whose outcomes are awaited what it is good for, and offer both: predict it, add its outcomes."""
    ready = readiness()[version.ref]
    if ready.trainable or not version.target_absent:
        return
    with st.container(border=True, gap="small", key="waits"):
        st.markdown(f"{WAITS}  \n:small[:gray[{cards.plain(version.ref)}: {cards.plain(_known(ready))}]]")
        if lists.live("production") and st.button("Predict it", icon=":material/bolt:", key="outcomes.predict"):
            session.hold("predict.tabs", "A file")
            goto("predict")
        add(version.name, version.source)


def _known(ready: Readiness) -> str:
    return ready.why.partition(": ")[2]


def _readiness(ws: Workspace) -> Mapping[str, Readiness]:
    return {one.ref: one for one in ws.datasets.readiness_of(ws.datasets.list())}


def add(dataset: str, about: str = "") -> None:
    """Draw the form that keeps a file of outcomes: what really happened, and since when it is known.

    Parameters
    ----------
    about : str
        Name of the file that the outcomes are about, if one is meant: of the sample, its own are chosen to begin with.
    """
    drawer = st.expander(
        "Add outcomes", icon=":material/fact_check:", type="compact", key="outcomes.add", on_change="rerun"
    )
    if not drawer.open:
        return
    with drawer:
        source = "Your file"
        if dataset == sample.NAME:
            source = st.segmented_control(
                "Outcomes", ["Sample", "Your file"], default="Sample", required=True, key="outcomes.source",
                label_visibility="collapsed",
            )  # fmt: skip
        file = (
            _sample(about) if source == "Sample" else st.file_uploader("Id, outcome, known_at", key="outcomes.upload")
        )
        if acts.button(
            "Keep these outcomes", "keep them", icon=":material/add:", key="outcomes.keep", disabled=file is None
        ):
            with cards.errors(), uploaded(file) as path:
                cohort = _keep_customers(path, dataset) if source == "Sample" else None
                kept = state.workspace().outcomes.add(path, dataset)
                session.say(_said(kept, state.workspace().now(), cohort))
                st.rerun()


def _keep_customers(outcomes: Path, dataset: str) -> Any:
    """Keep the customers that outcomes of the sample are about: an outcome needs a row that it is the outcome of."""
    rows = outcomes.with_name(outcomes.name.replace("outcomes", "customers"))
    return state.workspace().datasets.add(rows, dataset, message=f"customers of {rows.stem.partition('_')[2]}")


def _said(kept: Any, now: str, cohort: Any = None) -> str:
    """Return what became of a file of outcomes, and when it counts."""
    if not kept.created:
        return "These outcomes were kept before."
    rows = f" Their customers are {cohort.ref}." if cohort is not None and cohort.created else ""
    unknown = kept.rows - kept.matched
    others = f" {unknown:,} of them are about rows that are not kept." if unknown else ""
    later = f" They count from {words.date(kept.known_from)} on." if kept.known_from > now else ""
    return f"{kept.rows:,} outcomes are kept.{others}{rows}{later}"


def _sample(about: str) -> Path:
    names = [path.name for path in sorted((ROOT / "sample_data").glob("outcomes_*.csv"))]
    meant = about.replace("customers", "outcomes")
    first = names.index(meant) if meant in names else 0
    return ROOT / "sample_data" / st.selectbox("Sample file", names, index=first, key=f"outcomes.sample.{meant}")
