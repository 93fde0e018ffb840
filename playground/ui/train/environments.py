"""One config in three environments: the overlays, and every effective value with its origin."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlops import MlopsError
from mlops.base.environments import ENVIRONMENTS
from playground import overlays
from playground.ui.kit import cards, session


def environments(text: str, shipped: bool) -> None:
    """Draw what a config becomes in each environment.

    Parameters
    ----------
    text : str
        The config being edited.
    shipped : bool
        Whether the overlays of the sample belong to it.
    """
    begin = overlays.shipped() if shipped else {}
    written = {name: session.held(f"overlay.{name}", begin.get(name, "")) for name in ENVIRONMENTS}
    try:
        table = overlays.effective(text, written)
    except MlopsError as problem:
        cards.error(problem)
    else:
        _table(table)
    with st.expander("Overlays", icon=":material/layers:", key="environments.overlays"):
        st.caption("An overlay holds only what differs in one environment. The less it holds, the more staging proves.")
        for column, name in zip(st.columns(len(ENVIRONMENTS)), ENVIRONMENTS, strict=True):
            column.text_area(
                name, begin.get(name, ""), key=f"overlay.{name}", persist_state="session", height=160, max_chars=4000
            )


def _table(table: pd.DataFrame) -> None:
    differ = overlays.differing(table)
    count = f"{len(differ)} of {len(table)} keys differ" if len(differ) else f"All {len(table)} keys are equal"
    st.markdown(f"**{count}** :small[:gray[between the environments]]")
    everything = st.toggle("Show all keys", value=not len(differ), key="environments.all")
    st.dataframe(
        overlays.side_by_side(table if everything else differ), hide_index=True, key="environments.table",
        alt=f"{count} between the environments",
    )  # fmt: skip
    cards.download(table, "effective-config", "All keys")
