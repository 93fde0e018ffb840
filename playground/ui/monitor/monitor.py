"""What the Monitor screen is made of so far: what is live, what it was asked, which outcomes are known."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground import words
from playground.chain import Chain
from playground.ui.kit import cards, lists, state

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
