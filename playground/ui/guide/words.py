"""The glossary on screen: every word, found by typing, also by what it is called in another tool.

Finding asks the server nothing. The table below has the same words, with a column for each tool.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from playground import glossary
from playground.ui.kit import cards, state

_list = st.components.v2.component(
    "glossary",
    html='<div class="box"><div class="bar"><input type="search" placeholder="Find a word, also one of another tool" '
    'aria-label="Find a word" autocomplete="off"><div class="tools" role="group" aria-label="Called in"></div></div>'
    '<p class="count" aria-live="polite"></p><div class="list"></div></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def panel() -> None:
    """Draw the words."""
    terms = [one.model_dump(mode="json") for one in glossary.terms()]
    _list(data={"terms": terms, "tools": [*glossary.TOOLS]}, key="glossary.list")
    drawer = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="glossary.table")
    cards.inside(drawer, _table)


def _table() -> None:
    table = state.made(("glossary",), lambda: pd.DataFrame(glossary.table()))
    st.dataframe(table, hide_index=True, alt=f"The {len(table)} words of the glossary")
    cards.download(table, "glossary")
