"""What the Monitor screen is made of so far: what is live, what it was asked, which outcomes are known."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from playground import words
from playground.chain import Chain
from playground.ui import cards, state

SHOWN = 100
"""Logged predictions that the table shows."""


def known(chain: Chain) -> None:
    """Draw what is known now, and say what cannot be known yet."""
    with st.grid(3, min_column_width=180):
        st.metric("Live in production", f"v{chain.production.model['version']}", border=True)
        st.metric("Predictions logged", f"{chain.predictions:,}", border=True)
        st.metric("Outcomes known", f"{chain.outcomes:,}", border=True)
    if not chain.outcomes:
        st.info("Whether these predictions were right cannot be known before the outcomes arrive.", icon=":material/hourglass_top:")


def logged() -> None:
    """Draw the newest logged predictions."""
    table = _table(state.workspace().predictions.list(limit=SHOWN))
    st.subheader("Newest predictions", anchor=False)
    st.dataframe(table, hide_index=True, key="monitor.logged", alt="Logged predictions, newest first")
    cards.download(table, "logged-predictions")


def _table(found: list[Any]) -> pd.DataFrame:
    rows = [one if isinstance(one, dict) else one.as_dict() for one in found]
    return pd.DataFrame(rows).drop(columns=["row", "model_sha256", "warnings"], errors="ignore").assign(
        predicted_at=[words.moment(row["predicted_at"]) for row in rows]
    )


