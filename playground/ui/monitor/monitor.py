"""What the Monitor screen is made of so far: what is live, what it was asked, which outcomes are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace, sample
from playground import words
from playground.chain import ROOT, Chain
from playground.ui.kit import acts, cards, lists, session, state
from playground.ui.kit.uploads import uploaded

SHOWN = 100
"""Logged predictions that the table shows."""


def known(chain: Chain) -> None:
    """Draw what is known now, and say what cannot be known yet."""
    with st.grid(3, min_column_width=180):
        st.metric("Live in production", lists.told(chain.production.model), border=True)
        st.metric("Predictions", f"{chain.predictions:,}", border=True)
        st.metric("Outcomes known", f"{chain.outcomes:,}", border=True)
    if not chain.outcomes:
        st.info(
            "Whether the predictions were right cannot be known before the outcomes arrive.",
            icon=":material/hourglass_top:",
        )


def add_outcomes(dataset: str) -> None:
    """Draw the form that keeps a file of outcomes: what really happened, and since when it is known."""
    drawer = st.expander(
        "Add outcomes", icon=":material/fact_check:", type="compact", key="monitor.add", on_change="rerun"
    )
    if not drawer.open:
        return
    with drawer:
        source = "Your file"
        if dataset == sample.NAME:
            source = st.segmented_control(
                "Outcomes", ["Sample", "Your file"], default="Sample", required=True, key="monitor.source",
                label_visibility="collapsed",
            )  # fmt: skip
        file = _sample() if source == "Sample" else st.file_uploader("Id, outcome, known_at", key="monitor.upload")
        if acts.button(
            "Keep these outcomes", "keep them", icon=":material/add:", key="monitor.keep", disabled=file is None
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


def _sample() -> Path:
    names = [path.name for path in sorted((ROOT / "sample_data").glob("outcomes_*.csv"))]
    return ROOT / "sample_data" / st.selectbox("Sample file", names, key="monitor.sample")


def logged(name: str) -> None:
    """Draw the newest logged predictions of a model name."""
    table = state.read(_logged, name)
    if not table.empty:
        st.subheader("Newest predictions", anchor=False)
        st.dataframe(table, hide_index=True, key="monitor.logged", alt="Logged predictions, newest first")
        cards.download(table, "logged-predictions")


def _logged(ws: Workspace, name: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Asked": words.moment(request["at"]),
                "Id": request["id"],
                "Score": request["score"] if isinstance(request["score"], float) else None,
                "Prediction": str(request["answer"]["prediction"]),
                "Model": words.version(request["model"], named=True),
                "Environment": request["environment"],
                "Prediction id": request["prediction_id"],
            }
            for request in ws.predictions.list(limit=SHOWN, model=name)
        ]
    )
